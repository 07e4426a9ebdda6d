package io.github.pgmanaged.conninfo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * libpq's hosts with their ports and passwords. It tells them only of the host that it is at, so each is asked for on
 * its own, by overriding what the string says of hosts.
 */
final class Candidates {
    /**
     * One of the hosts.
     *
     * @param port as a plain number, if it is one
     * @param password empty if there is none
     */
    record Candidate(String host, String port, String password) {}

    private Candidates() {}

    static List<Candidate> of(World world, Libpq.Resolved resolved) {
        Map<String, String> values = resolved.options().values();
        List<String> addresses = elements(values.get("hostaddr"));
        List<String> hosts = elements(values.get("host"));
        List<String> ports = elements(values.get("port"));
        List<Candidate> candidates = new ArrayList<>();
        int count = Math.max(1, Math.max(addresses.size(), hosts.size()));
        for (int i = 0; i < count; i++) {
            candidates.add(one(
                    world,
                    hosts.isEmpty() ? "" : hosts.get(i),
                    addresses.isEmpty() ? null : addresses.get(i),
                    ports.isEmpty() ? "" : ports.get(ports.size() == 1 ? 0 : i)));
        }
        return candidates;
    }

    private static Candidate one(World world, String host, @Nullable String address, String port) {
        boolean hasAddress = address != null && !address.isEmpty();
        Map<String, String> overrides = new LinkedHashMap<>();
        overrides.put("host", !host.isEmpty() ? host : hasAddress ? address : Libpq.SOCKET_DIRECTORY);
        if (address != null) {
            // It cannot be overridden with nothing; as long as there is a host, any address will do.
            overrides.put("hostaddr", hasAddress ? address : "127.0.0.1");
        }
        overrides.put("port", port.isEmpty() ? "5432" : port);
        String conninfo = world.conninfo().isBlank() ? "" : world.conninfo();
        Libpq.Resolved one = Libpq.resolve(conninfo, world.variables(), overrides);
        return new Candidate(one.host(), number(one.port()), one.password());
    }

    /** libpq gives the port as it was written, and reads it as strtol(3) does. */
    static String number(String port) {
        return port.strip().matches("\\+?\\d{1,9}") ? Integer.toString(Integer.parseInt(port.strip())) : port;
    }

    private static List<String> elements(@Nullable String list) {
        return list == null || list.isEmpty() ? List.of() : List.of(list.split(",", -1));
    }
}
