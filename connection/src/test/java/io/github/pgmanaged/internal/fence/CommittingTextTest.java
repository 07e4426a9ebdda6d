package io.github.pgmanaged.internal.fence;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which texts may have committed something when their answer is lost. */
class CommittingTextTest {
    @ParameterizedTest(name = "{0}: {1}, {2}, {3}, {4}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            nullValues = "null",
            value = {
                // text                                           | idle  | open  | failed | idle, and ended by the
                // server
                "INSERT INTO t VALUES (1)                         | true  | false | false  | false",
                "SELECT f()                                       | true  | false | false  | false",
                "SET work_mem = '8MB'                             | false | false | false  | false",
                "~~                                               | false | false | false  | false",
                "; /* COMMIT */ -- COMMIT                         | false | false | false  | false",
                "BEGIN; INSERT INTO t VALUES (1)                  | false | false | false  | false",
                "START TRANSACTION; INSERT INTO t VALUES (1)      | false | false | false  | false",
                "BEGIN; INSERT INTO t VALUES (1); COMMIT          | true  | true  | false  | true",
                "COMMIT                                           | false | true  | false  | false",
                "end work                                         | false | true  | false  | false",
                "/* a /* b */ */ ;; Commit                        | false | true  | false  | false",
                "COMMIT AND CHAIN                                 | false | true  | false  | false",
                "COMMIT AND CHAIN; INSERT INTO t VALUES (1)       | true  | true  | false  | false",
                "COMMIT; INSERT INTO t VALUES (1)                 | true  | true  | true   | false",
                "ROLLBACK                                         | false | false | false  | false",
                "ROLLBACK; INSERT INTO t VALUES (1)               | true  | true  | true   | false",
                "ROLLBACK AND CHAIN; INSERT INTO t VALUES (1)     | true  | false | false  | false",
                "ABORT AND NO CHAIN; INSERT INTO t VALUES (1)     | true  | true  | true   | false",
                "ROLLBACK TO s; INSERT INTO t VALUES (1)          | true  | false | false  | false",
                "ROLLBACK TO SAVEPOINT s; COMMIT                  | false | true  | true   | false",
                "PREPARE TRANSACTION 'a'                          | false | true  | false  | false",
                "PREPARE a AS INSERT INTO t VALUES (1)            | false | false | false  | false",
                "COMMIT PREPARED 'a'                              | true  | true  | true   | true",
                "CALL p()                                         | true  | false | false  | true",
                "DO $$ BEGIN COMMIT; END $$                       | true  | false | false  | true",
                "{call p()}                                       | true  | false | false  | true",
                "{? = call p()}                                   | true  | false | false  | true",
                "INSERT INTO t VALUES ('; COMMIT; ')              | true  | false | false  | false",
                "INSERT INTO t VALUES ($a$; COMMIT; $a$)          | true  | false | false  | false",
                "INSERT INTO t VALUES (\"; COMMIT; \")            | true  | false | false  | false",
                "INSERT INTO t VALUES ('\\'); COMMIT; --')        | true  | true  | false  | false",
                "INSERT INTO t VALUES (E'\\'; COMMIT; ')          | true  | false | false  | false",
            })
    void a_text_may_have_committed(String text, boolean idle, boolean open, boolean failed, boolean ended) {
        assertThat(SqlText.mayCommit(text, false, false, false)).as("idle").isEqualTo(idle);
        assertThat(SqlText.mayCommit(text, true, false, false)).as("open").isEqualTo(open);
        assertThat(SqlText.mayCommit(text, true, true, false)).as("failed").isEqualTo(failed);
        assertThat(SqlText.mayCommit(text, false, false, true)).as("ended").isEqualTo(ended);
    }
}
