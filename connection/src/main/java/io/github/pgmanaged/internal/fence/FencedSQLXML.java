package io.github.pgmanaged.internal.fence;

import java.sql.SQLXML;

@Forwards(SQLXML.class)
final class FencedSQLXML extends ForwardingSQLXML {
    FencedSQLXML(Fence fence, SQLXML delegate) {
        super(fence, delegate);
    }
}
