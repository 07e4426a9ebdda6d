package io.github.pgmanaged.conninfo;

import static io.github.pgmanaged.conninfo.Seed.chance;
import static io.github.pgmanaged.conninfo.Seed.pick;
import static java.util.Map.entry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Values for libpq's options. An attempt to connect must not block, so hosts are only such as need no name service, and
 * nothing listens there.
 */
final class OptionValues {
    static final List<String> USERS =
            List.of("alice", "alice", "bob", System.getProperty("user.name"), "a:b", "a\\b", "ü");
    static final List<String> DATABASES = List.of("db", "db", "alice", "d:b", "d\\b", "*", "d b");
    static final List<String> HOSTS =
            List.of("localhost", "127.0.0.1", "127.0.0.2", "::1", "/tmp", "/no/such", "/no/such:dir", "@abstract");
    static final List<String> ADDRESSES = List.of("127.0.0.1", "127.0.0.2", "::1");
    static final List<String> PORTS = List.of("5432", "5432", "5433", "1");
    static final List<String> SERVICES = List.of("a", "a", "b", "a b", "ü", "a]", "[a");

    /** In every password, so that it is recognized wherever it comes out. */
    static final String SECRET = "hunter2";

    private static final List<String> PASSWORDS = List.of(
            SECRET, SECRET + ":x", SECRET + "\\x", " " + SECRET + " x", SECRET + "ü", "*" + SECRET, SECRET.repeat(60));
    private static final List<String> ODD_PORTS =
            List.of("0", "65536", "x", " 5432", "5432 ", "+5432", "05432", "-1", "1x");
    private static final List<String> ANY = List.of("a", "b c", "ü", "0", "1", "/no/such/file");

    private static final Map<String, List<String>> CHOICES = Map.ofEntries(
            entry("user", USERS),
            entry("dbname", DATABASES),
            entry("password", PASSWORDS),
            entry("sslpassword", PASSWORDS),
            entry("oauth_client_secret", PASSWORDS),
            entry("service", SERVICES),
            entry("channel_binding", List.of("disable", "prefer", "require")),
            entry("connect_timeout", List.of("0", "1", "10")),
            // Not "auto", which is what the process's locale makes of it.
            entry("client_encoding", List.of("UTF8", "LATIN1")),
            entry("keepalives", List.of("0", "1")),
            entry("keepalives_idle", List.of("0", "10")),
            entry("keepalives_interval", List.of("0", "10")),
            entry("keepalives_count", List.of("0", "3")),
            entry("tcp_user_timeout", List.of("0", "1000")),
            entry("sslmode", List.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full")),
            entry("sslnegotiation", List.of("postgres", "postgres", "direct")),
            entry("sslcertmode", List.of("disable", "allow", "require")),
            entry("sslrootcert", List.of("system", "/no/such/file")),
            entry(
                    "require_auth",
                    List.of(
                            "md5",
                            "!md5",
                            "password,scram-sha-256",
                            "none",
                            "!none",
                            "!md5,!gss",
                            "md5,md5",
                            "!md5,gss",
                            "md5,!gss",
                            "oauth,sspi",
                            "none,none",
                            "!none,!none",
                            "md5,",
                            "scram-sha-256,scram-sha-256",
                            "!scram-sha-256,!oauth",
                            "MD5")),
            entry("min_protocol_version", List.of("3.0", "3.2", "latest", "3.1")),
            entry("max_protocol_version", List.of("3.0", "3.2", "latest", "3.1")),
            entry("ssl_min_protocol_version", List.of("TLSv1", "tlsv1.1", "TLSv1.2", "TLSv1.3", "SSLv3")),
            entry("ssl_max_protocol_version", List.of("TLSv1", "tlsv1.1", "TLSv1.2", "TLSv1.3", "SSLv3")),
            entry("gssencmode", List.of("disable", "prefer")),
            entry(
                    "target_session_attrs",
                    List.of("any", "read-write", "read-only", "primary", "standby", "prefer-standby", "master")),
            entry("load_balance_hosts", List.of("disable", "random")),
            entry(
                    "scram_client_key",
                    List.of(
                            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                            "AAAA",
                            "?",
                            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")),
            entry("scram_server_key", List.of("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "AAA=")));

    private OptionValues() {}

    /** A value, mostly a good one, and empty now and then. */
    static String make(SplittableRandom random, String keyword) {
        if (chance(random, 0.04)) {
            return "";
        }
        return switch (keyword) {
            case "host" -> list(random, HOSTS, 0.04);
            case "hostaddr" -> chance(random, 0.02) ? "nonsense" : list(random, ADDRESSES, 0.04);
            case "port" -> chance(random, 0.03) ? pick(random, ODD_PORTS) : list(random, PORTS, 0.04);
            default -> chance(random, 0.03) ? "nonsense" : pick(random, CHOICES.getOrDefault(keyword, ANY));
        };
    }

    private static String list(SplittableRandom random, List<String> from, double empty) {
        List<String> elements = new ArrayList<>();
        do {
            elements.add(chance(random, empty) ? "" : pick(random, from));
        } while (chance(random, 0.2) && elements.size() < 3);
        return String.join(",", elements);
    }
}
