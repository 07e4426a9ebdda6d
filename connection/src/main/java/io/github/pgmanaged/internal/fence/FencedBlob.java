package io.github.pgmanaged.internal.fence;

import java.sql.Blob;

@Forwards(value = Blob.class, harmless = "free")
final class FencedBlob extends ForwardingBlob {
    FencedBlob(Fence fence, Blob delegate) {
        super(fence, delegate);
    }
}
