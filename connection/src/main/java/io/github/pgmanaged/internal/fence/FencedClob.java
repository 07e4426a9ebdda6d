package io.github.pgmanaged.internal.fence;

import java.sql.Clob;

@Forwards(value = Clob.class, harmless = "free")
class FencedClob extends ForwardingClob {
    FencedClob(Fence fence, Clob delegate) {
        super(fence, delegate);
    }
}
