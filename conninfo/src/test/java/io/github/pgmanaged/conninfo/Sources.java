package io.github.pgmanaged.conninfo;

import java.nio.file.Path;
import java.util.Map;

/** Data sources that know nothing of the machine that they run on. */
public final class Sources {
    private Sources() {}

    public static LibpqDataSource of(String conninfo) {
        return of(conninfo, Environment.empty());
    }

    public static LibpqDataSource of(String conninfo, Environment environment) {
        return new LibpqDataSource(ConnInfo.parse(conninfo), () -> environment);
    }

    public static LibpqDataSource of(String conninfo, Path home, Map<String, String> variables) {
        return of(conninfo, Environment.empty().withHome(home).withVariables(variables));
    }
}
