package io.github.pgmanaged.conninfo.internal.tls;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrivateKeyFileTest {
    @ParameterizedTest
    @CsvSource({
        "0,    600, false",
        "0,    640, false",
        "0,    400, false",
        "0,    660, true",
        "0,    650, true",
        "0,    644, true",
        "0,    601, true",
        "1000, 600, false",
        "1000, 700, false",
        "1000, 640, true",
        "1000, 610, true",
        "1000, 604, true",
    })
    void a_group_may_read_a_key_of_root_and_nobody_else_anything(int uid, String mode, boolean open) {
        assertThat(PrivateKeyFile.isOpenToOthers(uid, 0100000 | Integer.parseInt(mode, 8)))
                .isEqualTo(open);
    }
}
