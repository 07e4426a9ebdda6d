package io.github.pgmanaged.internal.fence;

import java.sql.Struct;

@Forwards(Struct.class)
final class FencedStruct extends ForwardingStruct {
    FencedStruct(Fence fence, Struct delegate) {
        super(fence, delegate);
    }
}
