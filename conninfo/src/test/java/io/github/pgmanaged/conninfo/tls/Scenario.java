package io.github.pgmanaged.conninfo.tls;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A server's certificate, what it sends along, and a client's root file.
 *
 * @param name what is odd about it
 * @param roots the text of the root file
 */
record Scenario(String name, String roots, Forged server, List<Forged> chain) {
    static Scenario of(String name, Forged root, Forged server, Forged... chain) {
        return of(name, List.of(root), server, chain);
    }

    static Scenario of(String name, List<Forged> roots, Forged server, Forged... chain) {
        return new Scenario(
                name, roots.stream().map(Forged::pem).collect(Collectors.joining()), server, List.of(chain));
    }

    static Scenario of(String name, String roots, Forged server, Forged... chain) {
        return new Scenario(name, roots, server, List.of(chain));
    }
}
