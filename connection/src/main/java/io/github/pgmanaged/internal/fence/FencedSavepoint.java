package io.github.pgmanaged.internal.fence;

import java.sql.Savepoint;

@Forwards(Savepoint.class)
final class FencedSavepoint extends ForwardingSavepoint {
    FencedSavepoint(Fence fence, Savepoint delegate) {
        super(fence, delegate);
    }
}
