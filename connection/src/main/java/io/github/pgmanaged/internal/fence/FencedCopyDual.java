package io.github.pgmanaged.internal.fence;

import org.postgresql.copy.CopyDual;

@Forwards(
        value = CopyDual.class,
        harmless = {"cancelCopy", "isActive"})
final class FencedCopyDual extends ForwardingCopyDual {
    FencedCopyDual(Fence fence, CopyDual delegate) {
        super(fence, delegate);
    }
}
