package io.github.pgmanaged.internal.fence;

import java.sql.SQLXML;

@Forwards(value = SQLXML.class, harmless = "free")
final class FencedSQLXML extends ForwardingSQLXML {
    FencedSQLXML(Fence fence, SQLXML delegate) {
        super(fence, delegate);
    }
}
