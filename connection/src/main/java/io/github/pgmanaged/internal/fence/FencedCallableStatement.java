package io.github.pgmanaged.internal.fence;

import java.sql.CallableStatement;

@Forwards(value = CallableStatement.class, onTopOf = FencedPreparedStatement.class)
final class FencedCallableStatement extends ForwardingCallableStatement {
    FencedCallableStatement(Fence fence, CallableStatement delegate, String sql) {
        super(fence, delegate, sql);
    }
}
