package io.github.pgmanaged.conninfo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Examples, to read; that the parser is libpq's in every corner is shown by comparing it with libpq. */
class ConnInfoTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "postgres://                                  | -    | -    | -      | -    | -",
                "postgres:///postgres                         | -    | -    | -      | -    | postgres",
                "postgresql://localhost/a                     | -    | -    | localhost | - | a",
                "postgres://me@h                              | me   | -    | h      | -    | -",
                "postgres://me:pw@h:5433/a                    | me   | pw   | h      | 5433 | a",
                "postgres://m%65:p%40w@h/a%20b                | me   | p@w  | h      | -    | a b",
                "postgres://[::1]:5433/a                      | -    | -    | ::1    | 5433 | a",
                "postgres://h1:1,h2:2/a                       | -    | -    | h1,h2  | 1,2  | a",
                "postgres://%2Ftmp/a                          | -    | -    | /tmp   | -    | a",
                "postgres://h?user=me&password=p+w&port=1     | me   | p+w  | h      | 1    | -",
                "postgres://other@h/a?user=me&dbname=b        | me   | -    | h      | -    | b",
                "host=h port=5433 dbname=a user=me            | me   | -    | h      | 5433 | a",
                "host = h dbname= a                           | -    | -    | h      | -    | a",
                "user=me password=p\\ w                        | me   | p w  | -      | -    | -",
                "host=h host=i                                | -    | -    | i      | -    | -",
            })
    void a_string_is_read_as_libpq_does(
            String uri, String user, String password, String host, String port, String dbname) {
        Map<String, String> values = ConnInfo.parse(uri).values();
        assertThat(values.get("user")).isEqualTo(user);
        assertThat(values.get("password")).isEqualTo(password);
        assertThat(values.get("host")).isEqualTo(host);
        assertThat(values.get("port")).isEqualTo(port);
        assertThat(values.get("dbname")).isEqualTo(dbname);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "postgres:///postgres                             | postgres:///postgres",
                "postgresql://me:pw@h:5433/a                      | postgres://me@h:5433/a",
                "postgres://h:1,i:2/a                             | postgres://h:1,i:2/a",
                "postgres://[::1]/a?password=pw&sslmode=require   | postgres://[::1]/a?sslmode=require",
                "postgres://h?sslpassword=pw&connect_timeout=3    | postgres://h/?connect_timeout=3",
                "postgres://%2Ftmp/a%20b                          | postgres://%2Ftmp/a%20b",
                "postgres://u:p@ss@h/a                            | postgres://***",
                "postgres://u:p/ss@h/a                            | postgres://***",
                "host=h password=pw dbname=a\\ b                   | password=*** dbname='a b' host=h",
                "oauth_client_secret=pw scram_client_key=pw       | scram_client_key=*** oauth_client_secret=***",
                "jdbc:postgresql://h:1/a                          | jdbc:postgresql://h:1/a",
                "jdbc:postgresql://h/a?user=me&password=pw        | jdbc:postgresql://h/a?...",
                "jdbc:postgresql:a                                | jdbc:postgresql:a",
            })
    void its_text_shows_no_secret(String conninfo, String text) {
        assertThat(ConnInfo.parse(conninfo)).hasToString(text);
    }

    @Test
    void its_text_can_be_parsed_again() {
        for (String uri : new String[] {
            "postgres://u@h:1,[::1]:2/a%2Fb?application_name=a%26b%3D",
            "host='a b' dbname='it\\'s' options='\\\\' port=''"
        }) {
            ConnInfo parsed = ConnInfo.parse(uri);
            assertThat(ConnInfo.parse(parsed.toString()).values()).isEqualTo(parsed.values());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "localhost                     | missing \"=\" after \"localhost\" in connection info string",
                "http://h/a                    | missing \"=\" after \"http://h/a\" in connection info string"
                        + " (a URI begins with postgres:// or postgresql://)",
                "localhost:5432/books          | missing \"=\" after \"localhost:5432/books\" in connection info string"
                        + " (a URI begins with postgres:// or postgresql://)",
                "host='a                       | unterminated quoted string in connection info string",
                "hots=a                        | invalid connection option \"hots\" (did you mean \"host\"?)",
                "prot=a                        | invalid connection option \"prot\" (did you mean \"port\"?)",
                "database=a                    | invalid connection option \"database\" (did you mean \"dbname\"?)",
                "HOST=a                        | invalid connection option \"HOST\" (did you mean \"host\"?)",
                "sslMode=a                     | invalid connection option \"sslMode\" (did you mean \"sslmode\"?)",
                "connectTimeout=a              | invalid connection option \"connectTimeout\""
                        + " (did you mean \"connect_timeout\"?)",
                "aplication_nam=a              | invalid connection option \"aplication_nam\""
                        + " (did you mean \"application_name\"?)",
                "tty=a                         | invalid connection option \"tty\"",
                "postgres://h/a?database=b     | invalid URI query parameter: \"database\" (did you mean \"dbname\"?)",
                "postgres://h/a?nonsense=1     | invalid URI query parameter: \"nonsense\"",
                "postgres://h/a?user           | missing key/value separator \"=\" in URI query parameter: \"user\"",
                "postgres://h/a?user=a=b       | extra key/value separator \"=\" in URI query parameter: \"user\"",
                "postgres://h/%zz              | invalid percent-encoded token: \"%zz\"",
                "postgres://h/%00              | forbidden value %00 in percent-encoded value: \"%00\"",
                "postgres://u:pw@[::1/a        | end of string reached when looking for matching \"]\" in IPv6 host"
                        + " address in URI: \"postgres://u:***@[::1/a\"",
                "postgres://u:p%2@h/a          | invalid percent-encoded token: \"***\"",
                "password=a b                  | missing \"=\" after \"***\" in connection info string (at position 12;"
                        + " not shown, since it may hold a secret: quote a value that has spaces)",
                "password=a b=c                | invalid connection option \"***\" (at position 12; not shown, since it"
                        + " may hold a secret: quote a value that has spaces)",
                "postgers://u:pw@h/a           | missing \"=\" after \"***\" in connection info string (at position 1;"
                        + " not shown, since it may hold a secret: a URI begins with postgres:// or postgresql://)",
                "postgres://=a:1,[::1=/]0?     | unexpected character \"0\" at position 24 in URI (expected \":\""
                        + " or \"/\"): \"postgres://=a:1,[::1=/]0?\"",
            })
    void a_bad_string_is_refused_in_libpqs_words(String bad, String message) {
        assertThatExceptionOfType(InvalidConnInfoException.class)
                .isThrownBy(() -> ConnInfo.parse(bad))
                .withMessage(message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "host=a\0b",
                "postgres://a\0b",
                "postgres://h/%ff",
                "jdbc:postgresql://h:port/a",
                "jdbc:postgresql://,/a"
            })
    void what_java_cannot_pass_on_is_refused(String bad) {
        assertThatExceptionOfType(InvalidConnInfoException.class).isThrownBy(() -> ConnInfo.parse(bad));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://u:hunter2@h/a",
                "jdbc:postgresql://u:hunter2@h:port/a",
                "jdbc:postgresql://u:hunter2/x@h:1/a",
                "jdbc:postgresql://hunter2",
                "jdbc:postgresql://h:1,i:70000/hunter2",
                "jdbc:postgresql:/hunter2",
            })
    void pgjdbc_does_not_log_a_url_that_it_refuses(String bad) {
        Logger driver = Logger.getLogger("org.postgresql");
        List<LogRecord> logged = new CopyOnWriteArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord event) {
                logged.add(event);
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        driver.addHandler(handler);
        try {
            assertThatExceptionOfType(InvalidConnInfoException.class)
                    .isThrownBy(() -> ConnInfo.parse(bad))
                    .withMessageNotContaining("hunter2");
        } finally {
            driver.removeHandler(handler);
        }
        assertThat(logged).isEmpty();
    }

    @Test
    void null_is_refused() {
        assertThatExceptionOfType(InvalidConnInfoException.class).isThrownBy(() -> ConnInfo.parse(null));
    }

    @Test
    void values_cannot_be_changed() {
        assertThat(ConnInfo.parse("postgres://h/a").values()).isUnmodifiable();
        assertThat(ConnInfo.parse("jdbc:postgresql://h/a").values()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sslmode=always",
                "port=0",
                "port=65536",
                "port=a,b",
                "connect_timeout=soon",
                "target_session_attrs=writable",
                "require_auth=scram-sha-256,scram-sha-256",
                "require_auth=!password,!md5,!gss,!sspi,!scram-sha-256,!none",
                "require_auth=oauth",
                "sslnegotiation=direct sslmode=prefer",
                "min_protocol_version=3.2 max_protocol_version=3.0",
                "client_encoding=LATIN1",
                "gssdelegation=1",
                "scram_client_key=a",
                "oauth_issuer=a",
                "postgres://u:12/34@h/db",
            })
    void a_data_source_refuses_at_once_what_no_environment_can_mend(String bad) {
        assertThatExceptionOfType(InvalidConnInfoException.class).isThrownBy(() -> new LibpqDataSource(bad));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sslnegotiation=direct", // with PGSSLMODE=require
                "port=1,2", // with PGHOST=a,b
                "service=nowhere",
                "requirepeer=postgres", // with PGHOST=a
                "client_encoding=utf-8 keepalives=0",
            })
    void a_data_source_waits_for_the_environment_where_it_may_mend_it(String open) {
        assertThat(new LibpqDataSource(open).toString()).isEqualTo("LibpqDataSource[" + ConnInfo.parse(open) + "]");
    }
}
