package io.github.pgmanaged.internal.fence;

import java.sql.Array;

@Forwards(Array.class)
final class FencedArray extends ForwardingArray {
    FencedArray(Fence fence, Array delegate) {
        super(fence, delegate);
    }
}
