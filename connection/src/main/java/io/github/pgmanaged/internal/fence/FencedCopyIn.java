package io.github.pgmanaged.internal.fence;

import org.postgresql.copy.CopyIn;

@Forwards(CopyIn.class)
final class FencedCopyIn extends ForwardingCopyIn {
    FencedCopyIn(Fence fence, CopyIn delegate) {
        super(fence, delegate);
    }
}
