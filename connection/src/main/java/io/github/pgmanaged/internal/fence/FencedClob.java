package io.github.pgmanaged.internal.fence;

import java.sql.Clob;

@Forwards(Clob.class)
class FencedClob extends ForwardingClob {
    FencedClob(Fence fence, Clob delegate) {
        super(fence, delegate);
    }
}
