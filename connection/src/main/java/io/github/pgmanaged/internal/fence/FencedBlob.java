package io.github.pgmanaged.internal.fence;

import java.sql.Blob;

@Forwards(Blob.class)
final class FencedBlob extends ForwardingBlob {
    FencedBlob(Fence fence, Blob delegate) {
        super(fence, delegate);
    }
}
