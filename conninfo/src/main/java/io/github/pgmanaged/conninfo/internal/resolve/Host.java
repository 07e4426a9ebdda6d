package io.github.pgmanaged.conninfo.internal.resolve;

import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import io.github.pgmanaged.conninfo.Keyword;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One place of the lists {@code host}, {@code hostaddr} and {@code port}. What is not given is empty. */
record Host(String name, String address, String port) {

    /**
     * Matches the lists.
     *
     * @throws InvalidConnInfoException if their lengths do not fit, in libpq's words
     */
    static List<Host> list(Function<Keyword, @Nullable String> value) {
        String names = orEmpty(value.apply(Keyword.HOST));
        String addresses = orEmpty(value.apply(Keyword.HOSTADDR));
        String ports = orEmpty(value.apply(Keyword.PORT));
        String[] address = addresses.split(",", -1);
        String[] name = names.split(",", -1);
        String[] port = ports.split(",", -1);
        int count = addresses.isEmpty() ? name.length : address.length;
        if (!names.isEmpty() && name.length != count) {
            throw new InvalidConnInfoException(
                    "could not match " + name.length + " host names to " + count + " hostaddr values");
        }
        if (port.length != 1 && port.length != count) {
            throw new InvalidConnInfoException(
                    "could not match " + port.length + " port numbers to " + count + " hosts");
        }
        List<Host> hosts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            hosts.add(new Host(
                    names.isEmpty() ? "" : name[i],
                    addresses.isEmpty() ? "" : address[i],
                    port.length == 1 ? port[0] : port[i]));
        }
        return hosts;
    }

    private static String orEmpty(@Nullable String value) {
        return value == null ? "" : value;
    }
}
