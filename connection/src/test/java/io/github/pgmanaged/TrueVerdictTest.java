package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.github.pgmanaged.testing.DataSources;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.io.StringWriter;
import java.io.Writer;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.sql.Types;
import java.util.function.Supplier;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.postgresql.PGConnection;
import org.postgresql.util.ByteStreamWriter;
import org.postgresql.util.PGobject;

/**
 * An error in the middle of a transaction is dealt with by the work, which goes on and returns. What is told then is
 * what happened: either all of it is committed, or nothing of it is and an exception says so.
 */
class TrueVerdictTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private static final IllegalStateException MADE_BEFORE = new IllegalStateException("made before");

    /** What goes wrong, and whether the session outlives it. */
    enum Trouble {
        AN_OBJECT_READ_WHOSE_CLASS_THROWS(true, lease -> {
            try (Statement statement = lease.createStatement();
                    var rows = statement.executeQuery("SELECT '(1,2)'::point")) {
                rows.next();
                rows.getObject(1);
            }
        }),
        A_PARAMETER_WHOSE_TEXT_THROWS(true, lease -> prepared(lease).setObject(1, new Throwing(), Types.OTHER)),
        A_STRING_WHOSE_TEXT_THROWS(true, lease -> prepared(lease).setObject(1, new Throwing(), Types.VARCHAR)),
        A_STATEMENT_OF_NULL(true, lease -> lease.prepareStatement(null)),
        A_CALL_OF_NULL(true, lease -> lease.prepareCall(null)),
        AN_EXECUTION_OF_NULL(true, lease -> {
            try (Statement statement = lease.createStatement()) {
                statement.execute(null);
            }
        }),
        A_QUERY_OF_NULL(true, lease -> {
            try (Statement statement = lease.createStatement()) {
                statement.executeQuery(null);
            }
        }),
        A_ROLLBACK_TO_NULL(true, lease -> lease.rollback((Savepoint) null)),
        A_RELEASE_OF_NULL(true, lease -> lease.releaseSavepoint(null)),
        A_COLUMN_OF_NULL(true, lease -> {
            try (Statement statement = lease.createStatement();
                    var rows = statement.executeQuery("SELECT 1")) {
                rows.next();
                rows.getObject((String) null);
            }
        }),
        A_PARAMETER_THAT_IS_NOT_SET(true, lease -> prepared(lease).execute()),
        AN_ERROR_OF_A_FUNCTION_THAT_LOOKS_LIKE_A_LOST_CONNECTION(true, lease -> {
            Savepoint savepoint = lease.setSavepoint();
            try {
                execute(lease, "DO $$ BEGIN RAISE SQLSTATE '08006'; END $$");
            } finally {
                lease.rollback(savepoint);
            }
        }),
        A_COPY_FROM_A_STREAM_THAT_THROWS(true, lease -> {
            Savepoint savepoint = lease.setSavepoint();
            try {
                copies(lease).copyIn("COPY example FROM STDIN", breaking(TrueVerdictTest::boom));
            } finally {
                lease.rollback(savepoint);
            }
        }),
        A_COPY_FROM_A_READER_THAT_THROWS(true, lease -> {
            Savepoint savepoint = lease.setSavepoint();
            try {
                copies(lease).copyIn("COPY example FROM STDIN", breakingReader(TrueVerdictTest::boom));
            } finally {
                lease.rollback(savepoint);
            }
        }),
        A_COPY_TO_A_STREAM_THAT_THROWS(true, lease -> {
            Savepoint savepoint = lease.setSavepoint();
            try {
                copies(lease).copyOut("COPY (SELECT generate_series(1, 10000)) TO STDOUT", breakingOutput());
            } finally {
                lease.rollback(savepoint);
            }
        }),
        A_COPY_TO_A_WRITER_THAT_THROWS(true, lease -> {
            Savepoint savepoint = lease.setSavepoint();
            try {
                copies(lease).copyOut("COPY (SELECT generate_series(1, 10000)) TO STDOUT", breakingWriter());
            } finally {
                lease.rollback(savepoint);
            }
        }),
        A_COPY_IN_OF_WHAT_IS_NO_COPY(
                true, lease -> copies(lease).copyIn("SELECT 1; SELECT 'COPY example FROM STDIN'", emptyInput())),
        A_COPY_OUT_OF_WHAT_IS_NO_COPY(true, lease -> copies(lease).copyOut("SELECT 1", new StringWriter())),
        A_COPY_OUT_OF_WHAT_IS_COPIED_BY_THE_SERVER(
                true, lease -> copies(lease).copyOut("COPY (SELECT 1) TO PROGRAM 'cat > /dev/null'")),
        A_COPY_BEHIND_ANOTHER_STATEMENT(
                false, lease -> copies(lease).copyIn("SELECT 1; ; COPY example FROM STDIN", emptyInput())),
        A_COPY_IN_OF_A_COPY_OUT(false, lease -> copies(lease).copyIn("COPY example TO STDOUT", emptyInput())),
        A_PARAMETER_STREAM_THAT_THROWS(false, lease -> streamed(lease, breaking(TrueVerdictTest::boom))),
        A_PARAMETER_STREAM_THAT_THROWS_WHAT_WAS_MADE_BEFORE(
                false, lease -> streamed(lease, breaking(() -> MADE_BEFORE))),
        A_PARAMETER_STREAM_THAT_THROWS_WITHOUT_A_STACK(false, lease -> streamed(lease, breaking(Stackless::new))),
        A_PARAMETER_STREAM_THAT_RUNS_OUT_OF_MEMORY(
                false,
                lease -> streamed(lease, new InputStream() {
                    @Override
                    public int read() {
                        throw new OutOfMemoryError("pretended");
                    }
                })),
        A_PARAMETER_READER_THAT_THROWS(true, lease -> {
            Savepoint savepoint = lease.setSavepoint();
            try (PreparedStatement statement = prepared(lease)) {
                statement.setCharacterStream(1, breakingReader(TrueVerdictTest::boom));
                statement.execute();
            } finally {
                lease.rollback(savepoint);
            }
        }),
        A_COPY_FROM_A_BYTE_STREAM_WRITER_THAT_THROWS(
                false,
                lease -> copies(lease).copyIn("COPY example FROM STDIN", new ByteStreamWriter() {
                    @Override
                    public int getLength() {
                        return 100;
                    }

                    @Override
                    public void writeTo(ByteStreamTarget target) {
                        throw new IllegalStateException("boom");
                    }
                })),
        THE_BACKEND_ENDS(false, lease -> execute(lease, "SELECT pg_terminate_backend(pg_backend_pid())"));

        final boolean survived;

        @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
        final Action<Exception> deed;

        Trouble(boolean survived, Action<Exception> deed) {
            this.survived = survived;
            this.deed = deed;
        }
    }

    /** An object of the application's. */
    private static final class Throwing {
        @Override
        public String toString() {
            throw new IllegalStateException("boom");
        }
    }

    /** A type of the application's, as the driver makes it. */
    public static final class ThrowingPoint extends PGobject {
        private static final long serialVersionUID = 1L;

        @Override
        public void setValue(String value) {
            throw new IllegalStateException("boom");
        }
    }

    private static final class Stackless extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Stackless() {
            super("boom", null, false, false);
        }
    }

    private static PreparedStatement prepared(Lease lease) throws SQLException {
        return lease.prepareStatement("SELECT ?::text");
    }

    private static void streamed(Lease lease, InputStream stream) throws SQLException {
        try (PreparedStatement statement = lease.prepareStatement("SELECT length(?::bytea)")) {
            statement.setBinaryStream(1, stream, 1000);
            statement.executeQuery();
        }
    }

    private static org.postgresql.copy.CopyManager copies(Lease lease) throws SQLException {
        return lease.unwrap(PGConnection.class).getCopyAPI();
    }

    private static InputStream emptyInput() {
        return InputStream.nullInputStream();
    }

    private static IllegalStateException boom() {
        return new IllegalStateException("boom");
    }

    private static InputStream breaking(Supplier<RuntimeException> boom) {
        return new InputStream() {
            private int read;

            @Override
            public int read() {
                if (read++ == 10) {
                    throw boom.get();
                }
                return 'x';
            }
        };
    }

    private static Reader breakingReader(Supplier<RuntimeException> boom) {
        return new Reader() {
            private boolean begun;

            @Override
            public int read(char[] buffer, int offset, int length) {
                if (begun) {
                    throw boom.get();
                }
                begun = true;
                buffer[offset] = 'x';
                return 1;
            }

            @Override
            public void close() {}
        };
    }

    private static OutputStream breakingOutput() {
        return new OutputStream() {
            @Override
            public void write(int b) {
                throw boom();
            }
        };
    }

    private static Writer breakingWriter() {
        return new Writer() {
            @Override
            public void write(char[] buffer, int offset, int length) {
                throw new IllegalStateException("boom");
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    @ParameterizedTest
    @EnumSource
    void what_is_told_of_a_transaction_with_trouble_in_it_is_so(Trouble trouble) throws Exception {
        ManagedConnection manager = DB.closing(knowingPoints());
        int before = pid(manager);

        Throwable told = catchThrowable(() -> manager.useTransaction(lease -> {
            insert(lease, "a");
            assertThat(catchThrowable(() -> trouble.deed.run(lease))).isNotNull();
            Throwable next = catchThrowable(() -> insert(lease, "b"));
            assertThat(next == null).as("next: %s", next).isEqualTo(trouble.survived);
        }));

        assertThat(DB.rows()).as("told: %s", told).isEqualTo(told == null ? 2 : 0);
        assertThat(told == null).as("told: %s", told).isEqualTo(trouble.survived);
        assertThat(pid(manager) == before).isEqualTo(trouble.survived);
        manager.useTransaction(next -> assertThat(query(next, "SELECT 42")).isEqualTo("42"));
    }

    /** An argument that is null, where the driver does not ask whether it is. */
    enum Absent {
        STATEMENT(lease -> lease.prepareStatement(null)),
        STATEMENT_WITH_KEYS(lease -> lease.prepareStatement(null, Statement.RETURN_GENERATED_KEYS)),
        CALL(lease -> lease.prepareCall(null)),
        NATIVE_TEXT(lease -> lease.nativeSQL(null)),
        EXECUTION(lease -> execute(lease, null)),
        QUERY(lease -> {
            try (Statement statement = lease.createStatement()) {
                statement.executeQuery(null);
            }
        }),
        UPDATE(lease -> {
            try (Statement statement = lease.createStatement()) {
                statement.executeUpdate(null, new String[] {"id"});
            }
        }),
        BATCH(lease -> {
            try (Statement statement = lease.createStatement()) {
                statement.addBatch(null);
                statement.executeBatch();
            }
        }),
        SAVEPOINT(lease -> lease.rollback((Savepoint) null)),
        SAVEPOINT_TO_RELEASE(lease -> lease.releaseSavepoint(null));

        @SuppressWarnings("ImmutableEnumChecker") // a lambda without state
        final Action<Exception> deed;

        Absent(Action<Exception> deed) {
            this.deed = deed;
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_argument_that_is_missing_does_not_reach_the_driver(Absent argument) throws Exception {
        try (Lease lease = DB.manager().acquire()) {
            assertThat(catchThrowable(() -> argument.deed.run(lease)))
                    .isInstanceOf(NullPointerException.class)
                    .extracting(Throwable::getStackTrace, InstanceOfAssertFactories.ARRAY)
                    .noneMatch(frame -> frame.toString().contains("org.postgresql"));
        }
    }

    /** The driver's own exception would be one without a stack, once the JVM has compiled the method. */
    @Test
    void an_argument_that_is_missing_costs_no_session_however_often() throws Exception {
        ManagedConnection manager = DB.manager();
        int before = pid(manager);
        manager.useTransaction(lease -> {
            insert(lease, "a");
            for (int i = 0; i < 15_000; i++) {
                assertThat(catchThrowable(() -> lease.prepareStatement(null))).isInstanceOf(NullPointerException.class);
            }
            insert(lease, "b");
        });
        assertThat(DB.rows()).isEqualTo(2);
        assertThat(pid(manager)).isEqualTo(before);
    }

    /** Each session's driver knows the type before there is a lease, so that no lease is charged with it. */
    private static ManagedConnection knowingPoints() {
        return ManagedConnection.builder(DataSources.of(() -> {
                    var connection = DB.source().getConnection();
                    connection.unwrap(PGConnection.class).addDataType("point", ThrowingPoint.class);
                    return connection;
                }))
                .build();
    }

    @Test
    void a_session_that_cannot_be_used_any_more_is_passed_on_at_once() throws Exception {
        ManagedConnection manager = DB.manager();
        Lease lease = manager.acquire();
        insert(lease, "a");
        assertThat(catchThrowable(() -> streamed(lease, breaking(() -> MADE_BEFORE))))
                .isSameAs(MADE_BEFORE);
        assertThat(catchThrowable(lease::commit)).isInstanceOf(LeaseReleasedException.class);
        assertThat(catchThrowable(lease::close)).hasMessageContaining("what was not committed is rolled back");
        assertThat(DB.rows()).isZero();
    }

    // --- whose error it is --------------------------------------------------------------------------------------

    @Test
    void an_error_that_is_not_this_sessions_says_nothing_of_it() throws SQLException {
        ManagedConnection manager = DB.closing(DB.builder().build());
        int before = pid(manager);
        for (String state : new String[] {"08006", "57P01", "99999", "23505", null}) {
            SQLException foreign = new SQLException("of another database", state);
            SQLException around = new SQLException("around", "08001", foreign);
            around.setNextException(foreign);
            assertThat(catchThrowable(() -> manager.useTransaction(lease -> {
                        insert(lease, "a");
                        throw around;
                    })))
                    .isSameAs(around);
            assertThat(catchThrowable(() -> manager.useTransaction(lease -> {
                        throw foreign;
                    })))
                    .isSameAs(foreign);
        }
        assertThat(pid(manager)).isEqualTo(before);
        assertThat(DB.rows()).isZero();
    }

    @Test
    void under_reset_always_an_error_around_one_of_this_session_resets_it() throws SQLException {
        for (boolean next : new boolean[] {true, false}) {
            ManagedConnection manager = DB.closing(
                    DB.builder().databaseErrors(DatabaseErrors.RESET_ALWAYS).build());
            int before = pid(manager);
            assertThat(catchThrowable(() -> manager.useConnection(lease -> {
                        SQLException seen = catchThrowableOfType(SQLException.class, () -> execute(lease, "SELEKT"));
                        SQLException around = new SQLException("around", "X0000", next ? null : seen);
                        around.setNextException(next ? seen : null);
                        throw around;
                    })))
                    .hasMessage("around");
            assertThat(pid(manager)).isNotEqualTo(before);
        }
    }
}
