package io.github.pgmanaged.conninfo.internal.tls;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The common names that count as hosts'; what is done with them, {@code TlsOracleTest} compares with OpenSSL. */
class NameConstraintsTest {
    @Test
    void a_common_name_of_many_labels_does_not_exhaust_the_stack() {
        String many = "a.".repeat(30_000);
        assertThat(NameConstraints.isHostName(many + "a")).isTrue();
        assertThat(NameConstraints.isHostName(many)).isFalse();
        assertThat(NameConstraints.isHostName(many + "-")).isFalse();
    }

    @Test
    void a_hosts_name_has_two_labels_and_perhaps_a_wildcard() {
        assertThat(new String[] {"a.b", "*.a.b", "a-1.b_2", "a--b.c"}).allMatch(NameConstraints::isHostName);
        assertThat(new String[] {"", "a", "*.a", "a.", ".a.b", "a..b", "a-.b", "a.b-", "-a.b", "a.*.b", "a b.c"})
                .noneMatch(NameConstraints::isHostName);
    }
}
