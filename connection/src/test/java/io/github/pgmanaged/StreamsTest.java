package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.execute;
import static io.github.pgmanaged.ManagedDatabase.pid;
import static io.github.pgmanaged.ManagedDatabase.query;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.Reader;
import java.io.StringWriter;
import java.io.Writer;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLXML;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.postgresql.PGConnection;
import org.postgresql.copy.PGCopyInputStream;
import org.postgresql.copy.PGCopyOutputStream;

/** The streams and readers of a lease can what the driver's can. */
class StreamsTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private interface Source<T> {
        T from(Connection connection) throws SQLException;
    }

    private interface Use<T> {
        Object of(T stream) throws Exception;
    }

    // --- what there is to read ----------------------------------------------------------------------------------

    private static Map<String, Source<InputStream>> inputStreams() {
        Map<String, Source<InputStream>> streams = new LinkedHashMap<>();
        streams.put("blob", c -> row(c).getBlob("lob").getBinaryStream());
        streams.put("part of a blob", c -> row(c).getBlob("lob").getBinaryStream(3, 5));
        streams.put("clob", c -> row(c).getClob("lob").getAsciiStream());
        streams.put("large object", c -> largeObject(c));
        streams.put("bytea", c -> row(c).getBinaryStream("bytes"));
        streams.put("ascii", c -> row(c).getAsciiStream("words"));
        streams.put("xml", c -> row(c).getSQLXML("xml").getBinaryStream());
        streams.put("copy", c -> copy(c));
        return streams;
    }

    private static Map<String, Source<Reader>> readers() {
        Map<String, Source<Reader>> readers = new LinkedHashMap<>();
        readers.put("clob", c -> row(c).getClob("lob").getCharacterStream());
        readers.put("text", c -> row(c).getCharacterStream("words"));
        readers.put("xml", c -> row(c).getSQLXML("xml").getCharacterStream());
        return readers;
    }

    private static ResultSet row(Connection connection) throws SQLException {
        ResultSet row = connection
                .createStatement()
                .executeQuery("SELECT lo_from_bytea(0, 'abcdefghijklmnopqrstuvwxyz') AS lob,"
                        + " 'abcdefghijklmnopqrstuvwxyz'::bytea AS bytes,"
                        + " 'abcdefghijklmnopqrstuvwxyz' AS words, '<a>bcdefghijklmnop</a>'::xml AS xml");
        row.next();
        return row;
    }

    private static InputStream largeObject(Connection connection) throws SQLException {
        return connection
                .unwrap(PGConnection.class)
                .getLargeObjectAPI()
                .open(row(connection).getLong("lob"))
                .getInputStream();
    }

    private static InputStream copy(Connection connection) throws SQLException {
        return new PGCopyInputStream(
                connection.unwrap(PGConnection.class), "COPY (SELECT * FROM generate_series(1, 12)) TO STDOUT");
    }

    private static Map<String, Use<InputStream>> usesOfInputStreams() {
        Map<String, Use<InputStream>> uses = new LinkedHashMap<>();
        uses.put("read", s -> s.read() + " " + s.read());
        uses.put("read into a buffer", s -> read(s, 4));
        uses.put("read into a part of a buffer", s -> s.read(new byte[10], 2, 3));
        uses.put("read into no part of a buffer", s -> s.read(new byte[10], -1, 3));
        uses.put("read into nothing", s -> s.read(null));
        uses.put("read all", s -> new String(s.readAllBytes(), StandardCharsets.UTF_8));
        uses.put("read at the end", s -> s.readAllBytes().length + " " + s.read() + " " + s.read(new byte[1]));
        uses.put("read n", s -> new String(s.readNBytes(5), StandardCharsets.UTF_8));
        uses.put("read n into", s -> s.readNBytes(new byte[40], 1, 39));
        uses.put("transfer", s -> {
            ByteArrayOutputStream to = new ByteArrayOutputStream();
            return s.transferTo(to) + to.toString(StandardCharsets.UTF_8);
        });
        uses.put("skip", s -> s.skip(3) + " " + s.read());
        uses.put("skip past the end", s -> s.skip(30) + " " + s.read());
        uses.put("skip back", s -> s.read() + " " + s.skip(-1) + " " + s.read());
        uses.put("skip n", s -> {
            s.skipNBytes(3);
            return s.read();
        });
        uses.put("available", s -> s.available() + " " + s.read() + " " + s.available());
        uses.put("mark supported", InputStream::markSupported);
        uses.put("mark and reset", s -> {
            s.read();
            s.mark(10);
            String marked = read(s, 3);
            s.reset();
            return marked + " " + read(s, 3);
        });
        uses.put("reset without a mark", s -> {
            read(s, 3);
            s.reset();
            return read(s, 3);
        });
        uses.put("close", s -> {
            s.close();
            s.close();
            return s.read();
        });
        uses.put("reset when closed", s -> {
            s.close();
            s.reset();
            return "reset";
        });
        return uses;
    }

    private static String read(InputStream stream, int length) throws IOException {
        byte[] buffer = new byte[length];
        return new String(buffer, 0, Math.max(0, stream.read(buffer)), StandardCharsets.UTF_8);
    }

    private static Map<String, Use<Reader>> usesOfReaders() {
        Map<String, Use<Reader>> uses = new LinkedHashMap<>();
        uses.put("read", s -> s.read() + " " + s.read());
        uses.put("read into a buffer", s -> s.read(new char[4]));
        uses.put("read into a part of a buffer", s -> s.read(new char[10], 2, 3));
        uses.put("read into no part of a buffer", s -> s.read(new char[10], -1, 3));
        uses.put("read into a CharBuffer", s -> {
            CharBuffer buffer = CharBuffer.allocate(5);
            return s.read(buffer) + buffer.flip().toString();
        });
        uses.put("transfer", s -> {
            StringWriter to = new StringWriter();
            return s.transferTo(to) + to.toString();
        });
        uses.put("skip", s -> s.skip(3) + " " + s.read());
        uses.put("skip back", s -> s.read() + " " + s.skip(-1) + " " + s.read());
        uses.put("ready", s -> s.ready() + " " + s.read() + " " + s.ready());
        uses.put("ready when closed", s -> {
            s.close();
            return s.ready();
        });
        uses.put("mark supported", Reader::markSupported);
        uses.put("mark and reset", s -> {
            s.read();
            s.mark(10);
            int marked = s.read();
            s.reset();
            return marked + " " + s.read();
        });
        uses.put("mark less than nothing", s -> {
            s.mark(-1);
            return "marked";
        });
        uses.put("reset without a mark", s -> {
            s.read();
            s.reset();
            return s.read();
        });
        uses.put("close", s -> {
            s.close();
            s.close();
            return s.read();
        });
        return uses;
    }

    static Set<String> namesOfInputStreams() {
        return inputStreams().keySet();
    }

    static Set<String> namesOfReaders() {
        return readers().keySet();
    }

    @ParameterizedTest
    @MethodSource("namesOfInputStreams")
    void an_input_stream_does_what_the_drivers_does_and_keeps_the_session(String name) throws Exception {
        assertSameAnswers(inputStreams().get(name), usesOfInputStreams());
    }

    @ParameterizedTest
    @MethodSource("namesOfReaders")
    void a_reader_does_what_the_drivers_does_and_keeps_the_session(String name) throws Exception {
        assertSameAnswers(readers().get(name), usesOfReaders());
    }

    private static <T extends AutoCloseable> void assertSameAnswers(Source<T> source, Map<String, Use<T>> uses)
            throws Exception {
        Map<String, String> drivers = new LinkedHashMap<>();
        Map<String, String> ours = new LinkedHashMap<>();
        ManagedConnection manager = DB.manager();
        int before = pid(manager);
        for (Map.Entry<String, Use<T>> use : uses.entrySet()) {
            try (Connection plain = DB.source().getConnection()) {
                plain.setAutoCommit(false);
                drivers.put(use.getKey(), answer(plain, source, use.getValue()));
            }
            try (Lease lease = manager.acquire()) {
                ours.put(use.getKey(), answer(lease, source, use.getValue()));
                lease.rollback();
            }
        }
        assertThat(ours).isEqualTo(drivers);
        assertThat(pid(manager)).as("no use has cost the session").isEqualTo(before);
    }

    private static <T extends AutoCloseable> String answer(Connection connection, Source<T> source, Use<T> use)
            throws Exception {
        T stream = source.from(connection);
        try {
            return "returned " + use.of(stream);
        } catch (IOException | RuntimeException e) {
            return "raised " + nameOf(e);
        } finally {
            stream.close();
        }
    }

    // --- what there is to write ---------------------------------------------------------------------------------

    @Test
    void what_is_written_arrives_as_it_does_through_the_drivers_streams() throws Exception {
        List<String> drivers;
        try (Connection plain = DB.source().getConnection()) {
            plain.setAutoCommit(false);
            drivers = written(plain);
        }
        try (Lease lease = DB.manager().acquire()) {
            assertThat(written(lease)).isEqualTo(drivers);
            lease.rollback();
        }
        assertThat(drivers).contains("hello, world", "<a>b1c</a>");
    }

    private static List<String> written(Connection connection) throws Exception {
        List<String> results = new ArrayList<>();
        String oid = query(connection, "SELECT lo_creat(-1)");
        execute(connection, "CREATE TEMP TABLE lobs ON COMMIT DROP AS SELECT " + oid + "::oid AS lob");
        ResultSet row = connection.createStatement().executeQuery("SELECT lob FROM lobs");
        row.next();
        try (OutputStream out = row.getBlob(1).setBinaryStream(1)) {
            write(out);
            results.add(raised(() -> out.write(new byte[2], 1, 5)));
            results.add(raised(() -> out.write(null)));
        }
        results.add(query(connection, "SELECT convert_from(lo_get(" + oid + "), 'UTF8')"));
        SQLXML bytes = connection.createSQLXML();
        OutputStream out = bytes.setBinaryStream();
        write(out);
        results.add(out.toString());
        results.add(bytes.getString());
        SQLXML text = connection.createSQLXML();
        Writer writer = text.setCharacterStream();
        writer.append('<').append("a>").append("xbx", 1, 2);
        writer.write('1');
        writer.write("c");
        writer.write("x</a>x", 1, 4);
        writer.write("x</a>x".toCharArray(), 1, 0);
        results.add(raised(() -> writer.write(new char[2], 1, 5)));
        writer.flush();
        results.add(writer.toString());
        writer.close();
        results.add(text.getString());
        try (PGCopyOutputStream copy =
                new PGCopyOutputStream(connection.unwrap(PGConnection.class), "COPY example FROM STDIN")) {
            copy.write("k\tv\n".getBytes(StandardCharsets.UTF_8));
        }
        results.add(query(connection, "SELECT string_agg(key || value, ',') FROM example"));
        return results;
    }

    private static void write(OutputStream out) throws IOException {
        out.write('h');
        out.write("ello".getBytes(StandardCharsets.UTF_8));
        out.flush();
        out.write("x, worldx".getBytes(StandardCharsets.UTF_8), 1, 7);
        out.flush();
    }

    private static String raised(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return nameOf(catchThrowable(call));
    }

    /** Which of its subclasses an array access raises is an accident. */
    private static String nameOf(Throwable raised) {
        return raised instanceof IndexOutOfBoundsException
                ? "IndexOutOfBoundsException"
                : raised.getClass().getSimpleName();
    }

    // --- errors, and the end ------------------------------------------------------------------------------------

    @Test
    void an_error_of_the_server_under_a_stream_is_judged_as_under_any_other_call() throws Exception {
        ManagedConnection manager = DB.manager();
        int before = pid(manager);
        try (Lease lease = manager.acquire()) {
            InputStream stream = row(lease).getBlob("lob").getBinaryStream();
            assertThat(catchThrowable(() -> execute(lease, "nonsense"))).isInstanceOf(SQLException.class);

            assertThat(catchThrowable(stream::read)).isInstanceOf(IOException.class);

            assertThat(lease.status()).isEqualTo(TransactionStatus.IN_ERROR);
            lease.rollback();
        }
        assertThat(pid(manager)).isEqualTo(before);
        Lease lease = manager.acquire();
        InputStream stream = row(lease).getBlob("lob").getBinaryStream();
        DB.kill(before);
        assertThat(catchThrowable(stream::read)).isInstanceOf(IOException.class);
        manager.useConnection(next -> assertThat(pid(next)).isNotEqualTo(before));
        assertThat(catchThrowable(lease::close)).isInstanceOf(SQLException.class);
    }

    /** Their contract: closing again does nothing, a closed stream has nothing to mark, and support is no state. */
    private static final Set<String> HARMLESS = Set.of("close", "InputStream.mark", "markSupported");

    @Test
    void every_method_of_a_stream_of_a_released_lease_fails_but_for_what_a_closed_one_answers() throws Exception {
        Lease lease = DB.manager().acquire();
        Map<Object, Class<?>> streams = new LinkedHashMap<>();
        for (Source<InputStream> source : List.of(
                inputStreams().get("blob"),
                inputStreams().get("bytea"),
                inputStreams().get("xml"))) {
            streams.put(source.from(lease), InputStream.class);
        }
        for (Source<Reader> source : readers().values()) {
            streams.put(source.from(lease), Reader.class);
        }
        streams.put(row(lease).getBlob("lob").setBinaryStream(1), OutputStream.class);
        streams.put(lease.createSQLXML().setCharacterStream(), Writer.class);
        lease.rollback();
        lease.close();

        for (Map.Entry<Object, Class<?>> stream : streams.entrySet()) {
            Class<?> type = stream.getValue();
            for (Method method : type.getMethods()) {
                if (method.getDeclaringClass() != Object.class && !Modifier.isStatic(method.getModifiers())) {
                    String name = type.getSimpleName() + "." + method;
                    boolean harmless = HARMLESS.contains(method.getName())
                            || HARMLESS.contains(type.getSimpleName() + "." + method.getName());
                    assertThat(raised(stream.getKey(), method)).as(name).satisfies(raised -> {
                        if (harmless) {
                            assertThat(raised).isNull();
                        } else {
                            assertThat(raised)
                                    .isInstanceOf(IOException.class)
                                    .hasCauseInstanceOf(LeaseReleasedException.class);
                        }
                    });
                }
            }
        }
    }

    private static Throwable raised(Object stream, Method method) throws IllegalAccessException {
        try {
            method.invoke(
                    stream,
                    Arrays.stream(method.getParameterTypes())
                            .map(StreamsTest::anyValue)
                            .toArray());
            return null;
        } catch (InvocationTargetException e) {
            return e.getCause();
        }
    }

    private static Object anyValue(Class<?> type) {
        if (type == int.class) {
            return 1;
        }
        if (type == long.class) {
            return 1L;
        }
        if (type == char.class) {
            return 'x';
        }
        if (type == byte[].class) {
            return new byte[10];
        }
        if (type == char[].class) {
            return new char[10];
        }
        if (type == CharBuffer.class) {
            return CharBuffer.allocate(10);
        }
        if (type == OutputStream.class) {
            return OutputStream.nullOutputStream();
        }
        return type == Writer.class ? Writer.nullWriter() : "texts";
    }
}
