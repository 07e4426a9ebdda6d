package io.github.pgmanaged.conninfo.internal.resolve;

import io.github.pgmanaged.conninfo.Environment;
import io.github.pgmanaged.conninfo.InvalidConnInfoException;
import io.github.pgmanaged.conninfo.Keyword;
import io.github.pgmanaged.conninfo.Setting;
import io.github.pgmanaged.conninfo.Source;
import io.github.pgmanaged.conninfo.internal.parse.ParsedConnInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Finds what a string does not set: in the service file, in the environment, in libpq's defaults. */
public final class Resolver {
    private final Environment environment;
    private final SocketDirectories socketDirectories;
    private final EnumMap<Keyword, Setting> settings = new EnumMap<>(Keyword.class);
    private final List<String> warnings = new ArrayList<>();

    private Resolver(Environment environment) {
        this.environment = environment;
        this.socketDirectories = new SocketDirectories(environment.socketDirectories());
    }

    /**
     * Resolves a string; nothing is connected.
     *
     * @throws InvalidConnInfoException if a value is not valid or cannot be honoured, or the service is not found
     */
    public static ResolvedConnInfo resolve(ParsedConnInfo conninfo, Environment environment) {
        Resolver resolver = new Resolver(environment);
        conninfo.values().forEach((word, value) -> resolver.set(word, value, Source.STRING));
        resolver.service();
        resolver.environmentAndDefaults();
        return resolver.finish(conninfo);
    }

    private ResolvedConnInfo finish(ParsedConnInfo conninfo) {
        try {
            List<Host> hosts = Host.list(this::value);
            userAndDatabase();
            List<Server> servers = servers(hosts);
            Validation.check(this::value, servers);
            warnings.addAll(Ignored.warnings(settings));
            return new ResolvedConnInfo(settings, servers, warnings, environment);
        } catch (InvalidConnInfoException e) {
            throw conninfo.isDoubtful() ? Validation.doubtful() : e;
        }
    }

    private void service() {
        String service = value(Keyword.SERVICE);
        if (service == null) {
            service = variable("PGSERVICE");
        }
        if (service == null) {
            return;
        }
        Map<Keyword, Setting> section = section(service);
        if (section == null) {
            throw new InvalidConnInfoException("definition of service \"" + service + "\" not found");
        }
        section.forEach(settings::putIfAbsent);
    }

    private @Nullable Map<Keyword, Setting> section(String service) {
        String named = value(Keyword.SERVICEFILE);
        if (named == null) {
            named = variable("PGSERVICEFILE");
        }
        Path own = named != null ? Path.of(named) : inHome(".pg_service.conf");
        if (own != null && (named != null || Files.exists(own))) {
            Map<Keyword, Setting> section = ServiceFile.read(own, service);
            if (section != null) {
                return section;
            }
        }
        Path system = systemServiceFile();
        return Files.exists(system) ? ServiceFile.read(system, service) : null;
    }

    private void environmentAndDefaults() {
        boolean sslmodeByDefault = false;
        for (Keyword keyword : Keyword.values()) {
            if (settings.containsKey(keyword)) {
                continue;
            }
            String variable = keyword.variable().orElse(null);
            String fromVariable = variable == null ? null : variable(variable);
            if (variable != null && fromVariable != null) {
                set(keyword, fromVariable, Source.variable(variable));
                continue;
            }
            if (keyword == Keyword.SSLMODE) {
                String requireSsl = variable("PGREQUIRESSL");
                if (requireSsl != null && requireSsl.startsWith("1")) {
                    set(keyword, "require", Source.variable("PGREQUIRESSL"));
                    continue;
                }
                sslmodeByDefault = true;
            }
            keyword.defaultValue().ifPresent(value -> set(keyword, value, Source.DEFAULT));
        }
        if (sslmodeByDefault && "system".equals(value(Keyword.SSLROOTCERT))) {
            // Everybody can get a certificate from some public authority: only the name makes it worth anything.
            set(Keyword.SSLMODE, "verify-full", Source.DEFAULT);
        }
    }

    private void userAndDatabase() {
        if (isEmpty(Keyword.USER)) {
            if (environment.osUser().isEmpty()) {
                throw new InvalidConnInfoException(LocalUser.whyUnknown() + ": set user or PGUSER");
            }
            set(Keyword.USER, environment.osUser(), Source.DEFAULT);
        }
        if (isEmpty(Keyword.DBNAME)) {
            set(Keyword.DBNAME, orEmpty(value(Keyword.USER)), Source.DEFAULT);
        }
    }

    private List<Server> servers(List<Host> hosts) {
        PasswordFile passwords = null;
        if (isEmpty(Keyword.PASSWORD)) {
            Path home = inHome(".pgpass");
            if (isEmpty(Keyword.PASSFILE) && home != null) {
                set(Keyword.PASSFILE, home.toString(), Source.DEFAULT);
            }
            if (!isEmpty(Keyword.PASSFILE)) {
                passwords = PasswordFile.open(Path.of(orEmpty(value(Keyword.PASSFILE))), warnings::add);
            }
        }
        Setting set = settings.get(Keyword.PASSWORD);
        List<Server> servers = new ArrayList<>();
        for (Host host : hosts) {
            String port = host.port().isEmpty() ? "5432" : host.port();
            boolean nameless = host.name().isEmpty() && host.address().isEmpty();
            String name = nameless ? socketDirectories.hostFor(port) : host.name();
            String known = passwordHost(name, host.address());
            String dbname = orEmpty(value(Keyword.DBNAME));
            String user = orEmpty(value(Keyword.USER));
            PasswordFile.Entry entry = passwords == null ? null : passwords.find(known, port, dbname, user);
            String password = entry != null ? entry.password() : set == null ? null : set.value();
            Source source = entry != null ? entry.source() : set == null ? null : set.source();
            String none = null;
            if (entry != null && entry.password().isEmpty()) {
                none = "the password of " + entry.source() + " is empty";
            } else if (orEmpty(password).isEmpty()) {
                none = passwords == null
                        ? "there is no password file, since the home directory is not known"
                        : passwords.whyNone(known, port, dbname, user);
            }
            servers.add(new Server(name, host.address(), port, password, source, none));
        }
        return servers;
    }

    /** The name that a password file has for a host. */
    private String passwordHost(String name, String address) {
        String host = name.isEmpty() ? address : name;
        return socketDirectories.contains(host) ? "localhost" : host;
    }

    private Path systemServiceFile() {
        String directory = variable("PGSYSCONFDIR");
        return (directory == null ? environment.systemConfigDirectory() : Path.of(directory))
                .resolve("pg_service.conf");
    }

    private @Nullable String variable(String name) {
        return environment.variables().get(name);
    }

    private @Nullable Path inHome(String file) {
        return environment.home().map(home -> home.resolve(file)).orElse(null);
    }

    private void set(String word, String value, Source source) {
        Keyword.of(word).ifPresent(keyword -> set(keyword, value, source));
    }

    private void set(Keyword keyword, String value, Source source) {
        settings.put(keyword, new Setting(keyword, value, source));
    }

    private @Nullable String value(Keyword keyword) {
        Setting setting = settings.get(keyword);
        return setting == null ? null : setting.value();
    }

    private boolean isEmpty(Keyword keyword) {
        return orEmpty(value(keyword)).isEmpty();
    }

    private static String orEmpty(@Nullable String value) {
        return value == null ? "" : value;
    }
}
