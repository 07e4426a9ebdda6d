package io.github.pgmanaged.fence;

import org.postgresql.copy.CopyOut;

@Forwards(CopyOut.class)
final class FencedCopyOut extends ForwardingCopyOut {
    FencedCopyOut(Fence fence, CopyOut delegate) {
        super(fence, delegate);
    }
}
