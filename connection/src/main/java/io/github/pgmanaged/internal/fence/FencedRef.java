package io.github.pgmanaged.internal.fence;

import java.sql.Ref;

@Forwards(Ref.class)
final class FencedRef extends ForwardingRef {
    FencedRef(Fence fence, Ref delegate) {
        super(fence, delegate);
    }
}
