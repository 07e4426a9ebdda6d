package io.github.pgmanaged.internal.fence;

import java.sql.NClob;

@Forwards(value = NClob.class, onTopOf = FencedClob.class)
final class FencedNClob extends ForwardingNClob {
    FencedNClob(Fence fence, NClob delegate) {
        super(fence, delegate);
    }
}
