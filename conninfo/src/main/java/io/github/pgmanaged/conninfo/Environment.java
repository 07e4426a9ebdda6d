package io.github.pgmanaged.conninfo;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the values come from that a connection string does not set: the variables, the home directory, the user, and
 * the places that are compiled into libpq. {@link #current()} is the process's own; tests make theirs from
 * {@link #empty()}.
 *
 * <p>Thread safety: immutable. The files that it points to are read when they are needed.
 */
public final class Environment {
    private static final boolean WINDOWS =
            System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("windows");

    private final Map<String, String> variables;
    private final @Nullable Path home;
    private final String osUser;
    private final Path systemConfigDirectory;
    private final List<String> socketDirectories;

    private Environment(
            Map<String, String> variables,
            @Nullable Path home,
            String osUser,
            Path systemConfigDirectory,
            List<String> socketDirectories) {
        this.variables = Map.copyOf(variables);
        this.home = home;
        this.osUser = osUser;
        this.systemConfigDirectory = systemConfigDirectory;
        this.socketDirectories = List.copyOf(socketDirectories);
    }

    /**
     * The environment of this process: its variables; {@code HOME}, else Java's {@code user.home} (on Windows,
     * {@code %APPDATA%\postgresql}); Java's {@code user.name}, unless the system has no name for the user; and where
     * Debian's libpq and PostgreSQL's own look for sockets and for the system's service file.
     *
     * @return the environment as it is now
     */
    public static Environment current() {
        return of(System.getenv(), System.getProperty("user.name", ""), System.getProperty("user.home", "/"));
    }

    /** The environment of a process, by its variables and by Java's names for the user and the home directory. */
    static Environment of(Map<String, String> variables, String userName, String userHome) {
        String user = known(userName);
        if (WINDOWS) {
            String appData = variables.get("APPDATA");
            return new Environment(
                    variables,
                    appData == null ? null : Path.of(appData, "postgresql"),
                    user,
                    Path.of("C:\\Program Files\\PostgreSQL\\etc"),
                    List.of());
        }
        String home = variables.getOrDefault("HOME", "");
        if (home.isEmpty()) {
            home = known(userHome);
        }
        return new Environment(
                variables,
                home.isEmpty() ? null : Path.of(home),
                user,
                Path.of("/etc/postgresql-common"),
                List.of("/var/run/postgresql", "/tmp"));
    }

    /** Java says {@code ?} of a user who has no entry in the system's database of users, as in many a container. */
    private static String known(String property) {
        return property.equals("?") ? "" : property;
    }

    /**
     * An environment without variables, home directory or user, which looks for sockets in {@code /tmp}.
     *
     * @return the value
     */
    public static Environment empty() {
        return new Environment(Map.of(), null, "", Path.of("/nonexistent"), List.of("/tmp"));
    }

    /**
     * The same with other variables.
     *
     * @param replacement all variables, by name
     * @return a new value
     */
    public Environment withVariables(Map<String, String> replacement) {
        return new Environment(replacement, home, osUser, systemConfigDirectory, socketDirectories);
    }

    /**
     * The same with another home directory, where {@code .pg_service.conf}, {@code .pgpass} and {@code .postgresql/}
     * are. The variable {@code HOME} does not count here.
     *
     * @param replacement the directory
     * @return a new value
     */
    public Environment withHome(Path replacement) {
        return new Environment(variables, replacement, osUser, systemConfigDirectory, socketDirectories);
    }

    /**
     * The same with another user of the operating system: the default role.
     *
     * @param replacement the name
     * @return a new value
     */
    public Environment withOsUser(String replacement) {
        return new Environment(variables, home, replacement, systemConfigDirectory, socketDirectories);
    }

    /**
     * The same with another directory for the system's {@code pg_service.conf}; {@code PGSYSCONFDIR} goes before it.
     *
     * @param replacement the directory
     * @return a new value
     */
    public Environment withSystemConfigDirectory(Path replacement) {
        return new Environment(variables, home, osUser, replacement, socketDirectories);
    }

    /**
     * The same with other directories for Unix-domain sockets. Without a host, the first one is meant that holds a
     * socket for the port, else the first one that exists, else the first; with no directory at all, {@code localhost}
     * is.
     *
     * @param replacement the directories
     * @return a new value
     */
    public Environment withSocketDirectories(List<String> replacement) {
        return new Environment(variables, home, osUser, systemConfigDirectory, replacement);
    }

    /**
     * The variables.
     *
     * @return an unmodifiable map; it may hold {@code PGPASSWORD}
     */
    public Map<String, String> variables() {
        return variables;
    }

    /**
     * The home directory.
     *
     * @return the directory, if there is one
     */
    public Optional<Path> home() {
        return Optional.ofNullable(home);
    }

    /**
     * The operating system's user.
     *
     * @return the name; empty if it is not known
     */
    public String osUser() {
        return osUser;
    }

    /**
     * The directory of the system's {@code pg_service.conf}, unless {@code PGSYSCONFDIR} names another.
     *
     * @return the directory
     */
    public Path systemConfigDirectory() {
        return systemConfigDirectory;
    }

    /**
     * The directories for Unix-domain sockets.
     *
     * @return an unmodifiable list
     */
    public List<String> socketDirectories() {
        return socketDirectories;
    }

    /**
     * The user and the home directory; of the variables nothing, since they may be secret.
     *
     * @return text that may be logged
     */
    @Override
    public String toString() {
        return "Environment[user " + osUser + ", home " + home + ']';
    }
}
