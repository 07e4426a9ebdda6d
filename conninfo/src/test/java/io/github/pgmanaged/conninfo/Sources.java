package io.github.pgmanaged.conninfo;

import java.nio.file.Path;
import java.util.Map;

/** Data sources that know nothing of the machine that they run on. */
final class Sources {
    private Sources() {}

    static LibpqDataSource of(String conninfo) {
        return of(conninfo, Environment.empty());
    }

    static LibpqDataSource of(String conninfo, Environment environment) {
        return new LibpqDataSource(ConnInfo.parse(conninfo), () -> environment);
    }

    static LibpqDataSource of(String conninfo, Path home, Map<String, String> variables) {
        return of(conninfo, Environment.empty().withHome(home).withVariables(variables));
    }
}
