package io.github.pgmanaged.conninfo;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The real libpq, as the oracle of the tests. Its strings are UTF-8 bytes; what is not UTF-8 in an answer becomes the
 * replacement character.
 *
 * <p>Thread safety: one lock around everything, since the C environment is one.
 */
final class Libpq {
    /** What the library was compiled with; {@link LibpqTest} checks that it is so. */
    static final String SOCKET_DIRECTORY = "/tmp";

    /** What the library was compiled with; {@link LibpqTest} checks that it is so. */
    static final String SYSTEM_CONFIG_DIRECTORY = "/usr/local/pg-build/etc/postgresql";

    private static final LibpqApi API = LibpqApi.load();
    private static final int CONNECTION_OK = 0;
    private static final int CONNECTION_BAD = 1;

    /** PQconninfoOption: six pointers and an int with its padding. */
    private static final int POINTERS_OF_OPTION = 7;

    private static final int KEYWORD = 0;
    private static final int ENVIRONMENT_VARIABLE = 1;
    private static final int COMPILED_DEFAULT = 2;
    private static final int VALUE = 3;
    private static final int DISPLAY = 5;
    private static final List<Keyword> KEYWORDS = readDefaults();

    /** The keywords that libpq asks programs to hide. */
    static final Set<String> SECRET_KEYWORDS = KEYWORDS.stream()
            .filter(keyword -> keyword.display().equals("*"))
            .map(Keyword::keyword)
            .collect(Collectors.toSet());

    /** A line of libpq's table of options. */
    record Keyword(
            String keyword,
            @Nullable String environmentVariable,
            @Nullable String compiledDefault,
            String display) {}

    /**
     * What libpq would connect to.
     *
     * @param options all options as libpq takes them, or why it refuses them
     * @param connectError why an attempt with accepted options failed at once; null if it did not
     * @param host the host of the attempt, or of the last one if there were several
     * @param port its port
     * @param password the password that would be sent to it; empty if there is none
     */
    record Resolved(Parsed options, @Nullable String connectError, String host, String port, String password) {}

    /** A connection that was made, and the first row of the query's answer; or only an error. */
    record Connected(
            String user,
            String database,
            String host,
            String port,
            List<@Nullable String> row,
            @Nullable String error) {}

    private Libpq() {}

    static int version() {
        return API.PQlibVersion();
    }

    /** The table of options, in libpq's order. */
    static List<Keyword> defaults() {
        return KEYWORDS;
    }

    /** What the string itself sets. */
    static synchronized Parsed parse(String conninfo) {
        PointerByReference error = new PointerByReference();
        Pointer options = API.PQconninfoParse(conninfo, error);
        if (options == null) {
            String message = withoutNewline(text(error.getValue()));
            API.PQfreemem(error.getValue());
            return Parsed.refused(message);
        }
        return takeValues(options);
    }

    /** What the string becomes under this environment, which must hold HOME; an attempt to connect is begun. */
    static synchronized Resolved resolve(String conninfo, Map<String, String> environment) {
        return CEnvironment.replaced(environment, () -> resolved(API.PQconnectStart(conninfo)));
    }

    /**
     * The same, with some options said otherwise after the string; an empty one is as if it were not there. The string
     * must be a URI or hold an equals sign, or libpq takes it for the name of a database.
     */
    static synchronized Resolved resolve(
            String conninfo, Map<String, String> environment, Map<String, String> overrides) {
        List<String> keywords = new ArrayList<>(List.of("dbname"));
        List<String> values = new ArrayList<>(List.of(conninfo));
        overrides.forEach((keyword, value) -> {
            keywords.add(keyword);
            values.add(value);
        });
        return CEnvironment.replaced(
                environment,
                () -> resolved(
                        API.PQconnectStartParams(keywords.toArray(new String[0]), values.toArray(new String[0]), 1)));
    }

    /** Connects, asks, and disconnects. */
    static synchronized Connected connect(String conninfo, Map<String, String> environment, String query) {
        return CEnvironment.replaced(environment, () -> {
            Pointer connection = API.PQconnectdb(conninfo);
            try {
                return API.PQstatus(connection) == CONNECTION_OK
                        ? connected(connection, query)
                        : new Connected("", "", "", "", List.of(), error(connection));
            } finally {
                API.PQfinish(connection);
            }
        });
    }

    private static Connected connected(Pointer connection, String query) {
        List<@Nullable String> row = new ArrayList<>();
        Pointer result = API.PQexec(connection, query);
        String error = withoutNewline(text(API.PQresultErrorMessage(result)));
        for (int i = 0; API.PQntuples(result) > 0 && i < API.PQnfields(result); i++) {
            row.add(API.PQgetisnull(result, 0, i) == 1 ? null : text(API.PQgetvalue(result, 0, i)));
        }
        API.PQclear(result);
        return new Connected(
                text(API.PQuser(connection)),
                text(API.PQdb(connection)),
                text(API.PQhost(connection)),
                text(API.PQport(connection)),
                row,
                error.isEmpty() ? null : error);
    }

    private static Resolved resolved(Pointer connection) {
        try {
            String host = text(API.PQhost(connection));
            String port = text(API.PQport(connection));
            String password = text(API.PQpass(connection));
            Parsed values = takeValues(API.PQconninfo(connection));
            if (API.PQstatus(connection) != CONNECTION_BAD) {
                return new Resolved(values, null, host, port, password);
            }
            String error = error(connection);
            // A second attempt says something only if the options were accepted: libpq does not tell otherwise.
            API.PQresetStart(connection);
            boolean accepted = API.PQstatus(connection) != CONNECTION_BAD
                    || !error(connection).isEmpty();
            return accepted
                    ? new Resolved(values, error, host, port, password)
                    : new Resolved(Parsed.refused(error), null, host, port, password);
        } finally {
            API.PQfinish(connection);
        }
    }

    private static List<Keyword> readDefaults() {
        Pointer options = API.PQconndefaults();
        List<Keyword> keywords = new ArrayList<>();
        for (int i = 0; field(options, i, KEYWORD) != null; i++) {
            keywords.add(new Keyword(
                    text(field(options, i, KEYWORD)),
                    textOrNull(field(options, i, ENVIRONMENT_VARIABLE)),
                    textOrNull(field(options, i, COMPILED_DEFAULT)),
                    text(field(options, i, DISPLAY))));
        }
        API.PQconninfoFree(options);
        return List.copyOf(keywords);
    }

    private static Parsed takeValues(Pointer options) {
        // One call for the whole table: it is read hundreds of thousands of times.
        long[] fields = options.getLongArray(0, KEYWORDS.size() * POINTERS_OF_OPTION);
        Map<String, String> values = new LinkedHashMap<>();
        for (int i = 0; i < KEYWORDS.size(); i++) {
            long value = fields[i * POINTERS_OF_OPTION + VALUE];
            if (value != 0) {
                values.put(KEYWORDS.get(i).keyword(), text(new Pointer(value)));
            }
        }
        API.PQconninfoFree(options);
        return Parsed.of(values);
    }

    private static @Nullable Pointer field(Pointer options, int option, int field) {
        return options.getPointer((long) (option * POINTERS_OF_OPTION + field) * Native.POINTER_SIZE);
    }

    private static String error(Pointer connection) {
        return withoutNewline(text(API.PQerrorMessage(connection)));
    }

    private static @Nullable String textOrNull(@Nullable Pointer bytes) {
        return bytes == null ? null : text(bytes);
    }

    private static String text(Pointer bytes) {
        return new String(bytes.getByteArray(0, (int) bytes.indexOf(0, (byte) 0)), StandardCharsets.UTF_8);
    }

    private static String withoutNewline(String message) {
        return message.endsWith("\n") ? message.substring(0, message.length() - 1) : message;
    }
}
