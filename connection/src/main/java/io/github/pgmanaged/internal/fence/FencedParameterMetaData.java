package io.github.pgmanaged.internal.fence;

import java.sql.ParameterMetaData;

@Forwards(ParameterMetaData.class)
final class FencedParameterMetaData extends ForwardingParameterMetaData {
    FencedParameterMetaData(Fence fence, ParameterMetaData delegate) {
        super(fence, delegate);
    }
}
