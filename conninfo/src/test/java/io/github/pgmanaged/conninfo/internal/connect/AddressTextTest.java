package io.github.pgmanaged.conninfo.internal.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressTextTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1, 127.0.0.1",
        "::1, ::1",
        "::, ::",
        "2001:db8::, 2001:db8::",
        "2001:db8:0:0:1::2, 2001:db8::1:0:0:2",
        "2001:0:0:1:0:0:0:2, 2001:0:0:1::2",
        "1:2:3:4:5:6:0:8, 1:2:3:4:5:6:0:8",
        "10:20:30:40:50:60:70:80, 10:20:30:40:50:60:70:80",
        "0:0:1:2:3:4:5:6, ::1:2:3:4:5:6",
        "f0:0:0:b0:0:0:0:10, f0:0:0:b0::10",
        "fe80::1%1, fe80::1"
    })
    void the_longest_run_of_zeros_is_left_out(String given, String text) throws UnknownHostException {
        assertThat(AddressText.of(InetAddress.getByName(given))).isEqualTo(text);
    }
}
