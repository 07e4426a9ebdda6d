package io.github.pgmanaged.internal.fence;

import org.postgresql.copy.CopyIn;

@Forwards(
        value = CopyIn.class,
        harmless = {"cancelCopy", "isActive"})
final class FencedCopyIn extends ForwardingCopyIn {
    FencedCopyIn(Fence fence, CopyIn delegate) {
        super(fence, delegate);
    }
}
