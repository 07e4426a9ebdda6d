package io.github.pgmanaged.internal.fence;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.io.Writer;
import java.sql.Array;
import java.sql.Blob;
import java.sql.CallableStatement;
import java.sql.Clob;
import java.sql.DatabaseMetaData;
import java.sql.NClob;
import java.sql.ParameterMetaData;
import java.sql.PreparedStatement;
import java.sql.Ref;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Struct;
import java.sql.Wrapper;
import org.jspecify.annotations.Nullable;

/** What every fenced object is: an object of the driver's behind a fence, whose results are fenced in turn. */
abstract class Handle {
    final Fence fence;

    Handle(Fence fence) {
        this.fence = fence;
    }

    /** Of the lease, which is its own fence. */
    Handle() {
        this.fence = (Fence) this;
    }

    /** The driver's object. */
    abstract Object delegate();

    /** Whether the methods that should only look at memory do, so that they need not pass the gate. */
    boolean isLocal() {
        return fence.isLocal();
    }

    /** What runs when no text is given to {@code execute}. */
    @Nullable
    String sql() {
        return null;
    }

    /**
     * Whether this is what the holder knows the driver's object as. What the driver gives twice, the lease gives twice.
     */
    static boolean isOf(@Nullable Handle known, @Nullable Object raw) {
        return known != null && known.delegate() == raw;
    }

    /** All of the text that runs then. */
    @Nullable
    String script() {
        return sql();
    }

    // --- out: what the driver returns, fenced. The processor looks here for what it may let out ------------------

    @Nullable
    Statement fenced(@Nullable Statement raw) {
        if (raw instanceof CallableStatement callable) {
            return new FencedCallableStatement(fence, callable, "a statement");
        }
        if (raw instanceof PreparedStatement prepared) {
            return new FencedPreparedStatement(fence, prepared, "a statement");
        }
        return raw == null ? null : new FencedStatement(fence, raw);
    }

    @Nullable
    PreparedStatement fenced(@Nullable PreparedStatement raw, String sql) {
        fence.sends(sql); // once, and not at each execution
        return raw == null ? null : new FencedPreparedStatement(fence, raw, sql);
    }

    @Nullable
    CallableStatement fenced(@Nullable CallableStatement raw, String sql) {
        fence.sends(sql);
        return raw == null ? null : new FencedCallableStatement(fence, raw, sql);
    }

    @Nullable
    ResultSet fenced(@Nullable ResultSet raw) {
        return raw == null ? null : new FencedLoneResultSet(fence, raw);
    }

    @Nullable
    ResultSetMetaData fenced(@Nullable ResultSetMetaData raw) {
        return raw == null ? null : new FencedResultSetMetaData(fence, raw);
    }

    @Nullable
    ParameterMetaData fenced(@Nullable ParameterMetaData raw) {
        return raw == null ? null : new FencedParameterMetaData(fence, raw);
    }

    @Nullable
    DatabaseMetaData fenced(@Nullable DatabaseMetaData raw) {
        return raw == null ? null : new FencedDatabaseMetaData(fence, raw);
    }

    @Nullable
    Array fenced(@Nullable Array raw) {
        return raw == null ? null : new FencedArray(fence, raw);
    }

    @Nullable
    Blob fenced(@Nullable Blob raw) {
        return raw == null ? null : new FencedBlob(fence, raw);
    }

    @Nullable
    Clob fenced(@Nullable Clob raw) {
        if (raw instanceof NClob national) {
            return fenced(national);
        }
        return raw == null ? null : new FencedClob(fence, raw);
    }

    @Nullable
    NClob fenced(@Nullable NClob raw) {
        return raw == null ? null : new FencedNClob(fence, raw);
    }

    @Nullable
    Ref fenced(@Nullable Ref raw) {
        return raw == null ? null : new FencedRef(fence, raw);
    }

    @Nullable
    Struct fenced(@Nullable Struct raw) {
        return raw == null ? null : new FencedStruct(fence, raw);
    }

    @Nullable
    SQLXML fenced(@Nullable SQLXML raw) {
        return raw == null ? null : new FencedSQLXML(fence, raw);
    }

    @Nullable
    Savepoint fenced(@Nullable Savepoint raw) {
        return raw == null ? null : new FencedSavepoint(fence, raw);
    }

    @Nullable
    InputStream fenced(@Nullable InputStream raw) {
        return raw == null ? null : new FencedInputStream(fence, raw);
    }

    @Nullable
    OutputStream fenced(@Nullable OutputStream raw) {
        return raw == null ? null : new FencedOutputStream(fence, raw);
    }

    @Nullable
    Reader fenced(@Nullable Reader raw) {
        return raw == null ? null : new FencedReader(fence, raw);
    }

    @Nullable
    Writer fenced(@Nullable Writer raw) {
        return raw == null ? null : new FencedWriter(fence, raw);
    }

    @Nullable
    Object fencedObject(@Nullable Object raw) {
        if (raw instanceof ResultSet resultSet) {
            return fenced(resultSet);
        }
        if (raw instanceof Array array) {
            return fenced(array);
        }
        if (raw instanceof Blob blob) {
            return fenced(blob);
        }
        if (raw instanceof Clob clob) {
            return fenced(clob);
        }
        if (raw instanceof SQLXML xml) {
            return fenced(xml);
        }
        if (raw instanceof Ref ref) {
            return fenced(ref);
        }
        if (raw instanceof Struct struct) {
            return fenced(struct);
        }
        return raw instanceof Object[] elements ? fencedObjects(elements) : raw;
    }

    /** The array itself if nothing in it is to be fenced: a caller may cast it to what the driver makes. */
    @Nullable
    Object @Nullable [] fencedObjects(@Nullable Object @Nullable [] raw) {
        return raw == null ? null : Elements.exchanged(raw, this::fencedObject);
    }

    /** For {@code getObject(..., type)}: a class of the driver's own cannot be fenced, and is an escape. */
    <T> @Nullable T fenced(@Nullable Class<T> type, @Nullable T raw) {
        Object fenced = fencedObject(raw);
        if (fenced == raw) {
            return raw;
        }
        if (type != null && type.isInstance(fenced)) {
            return type.cast(fenced);
        }
        fence.log().escape();
        return raw;
    }

    // --- in: what a caller hands back, as the driver made it ----------------------------------------------------

    /**
     * The driver's own object, if the argument is a fenced one, or an array of such. What belongs to another manager's
     * lease stays fenced: the driver asks it questions, and they have to pass that lease's gate. Only a savepoint,
     * which pgjdbc casts to its own class, has to be its own; it holds a name and no more.
     *
     * @throws SQLException if the argument belongs to a lease that has been released
     */
    @SuppressWarnings("unchecked") // a fenced object implements the interface that its delegate does
    <T> T unfenced(T argument) throws SQLException {
        if (argument instanceof Handle handle) {
            if (handle.fence == fence || handle instanceof FencedSavepoint) {
                handle.fence.check();
                return (T) handle.delegate();
            }
            handle.fence.check();
            return argument;
        }
        // The driver would write the text of a fenced element.
        return argument instanceof Object[] elements ? (T) Elements.exchanged(elements, this::unfenced) : argument;
    }

    // --- java.sql.Wrapper ---------------------------------------------------------------------------------------

    public <T> T unwrap(Class<T> type) throws SQLException {
        fence.enter();
        try {
            if (type == null) {
                throw new SQLException("unwrap(null): name the interface that is wanted", "22023");
            }
            if (type.isInstance(this)) {
                return type.cast(this);
            }
            if (type.isInstance(delegate())) {
                fence.log().escape();
                return type.cast(delegate());
            }
            if (delegate() instanceof Wrapper wrapper && wrapper.isWrapperFor(type)) {
                fence.log().escape();
                return wrapper.unwrap(type);
            }
            throw new SQLException("Cannot unwrap to " + type.getName(), "22023");
        } finally {
            fence.exit("unwrap");
        }
    }

    public boolean isWrapperFor(Class<?> type) throws SQLException {
        fence.check();
        return type != null
                && (type.isInstance(this)
                        || type.isInstance(delegate())
                        || (delegate() instanceof Wrapper wrapper && wrapper.isWrapperFor(type)));
    }

    /**
     * The driver's text, which callers rely on: pgjdbc prints an array as its literal, and a prepared statement with
     * its parameters. So nothing of ours may print a handle.
     */
    @Override
    public String toString() {
        return fence.text(this, delegate());
    }
}
