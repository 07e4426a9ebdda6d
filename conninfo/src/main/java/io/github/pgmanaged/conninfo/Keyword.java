package io.github.pgmanaged.conninfo;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The keywords of a connection string, in libpq's order: those of PostgreSQL 18, and what 19 adds. What each of them
 * does here is its {@link #handling()} and {@link #effect()}.
 *
 * <p>Thread safety: immutable.
 *
 * @see <a href="https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS">PostgreSQL manual,
 *     "Parameter Key Words"</a>
 */
public enum Keyword {
    /** A section of the service file. */
    SERVICE("PGSERVICE", null, Handling.APPLIED, "read from the service file as libpq does"),
    /** The service file to read; new in PostgreSQL 19. */
    SERVICEFILE("PGSERVICEFILE", null, Handling.APPLIED, "the service file to read (PostgreSQL 19)"),
    /** The role. */
    USER("PGUSER", null, Handling.APPLIED, "`user`; without it the operating system's user"),
    /** The password. */
    PASSWORD("PGPASSWORD", null, Handling.APPLIED, "`password`"),
    /** The password file. */
    PASSFILE("PGPASSFILE", null, Handling.APPLIED, "read as libpq does, for each host; pgjdbc's own reading is off"),
    /** Channel binding of SCRAM. */
    CHANNEL_BINDING("PGCHANNELBINDING", "prefer", Handling.APPLIED, "`channelBinding`"),
    /** Seconds for each address. */
    CONNECT_TIMEOUT(
            "PGCONNECT_TIMEOUT",
            null,
            Handling.APPLIED,
            "bounds each lookup of a name, and each attempt, authentication included; then its sockets are closed"),
    /** The database. */
    DBNAME("PGDATABASE", null, Handling.APPLIED, "`PGDBNAME`; without it the user's name"),
    /** Host names or socket directories. */
    HOST("PGHOST", null, Handling.APPLIED, "one attempt for each address of each host; a path is a Unix-domain socket"),
    /** Addresses to dial instead of looking the hosts up. */
    HOSTADDR("PGHOSTADDR", null, Handling.APPLIED, "dialled; `host` stays the name for TLS and the password file"),
    /** Ports. */
    PORT("PGPORT", "5432", Handling.APPLIED, "`PGPORT`"),
    /** The encoding. */
    CLIENT_ENCODING("PGCLIENTENCODING", null, Handling.REFUSED, "pgjdbc speaks UTF8; any other than UTF8 or auto"),
    /** Command-line options of the backend. */
    OPTIONS("PGOPTIONS", "", Handling.APPLIED, "`options`"),
    /** The application's name. */
    APPLICATION_NAME("PGAPPNAME", null, Handling.APPLIED, "`ApplicationName`, sent with the start-up packet"),
    /** The application's name, if none is given. */
    FALLBACK_APPLICATION_NAME(null, null, Handling.APPLIED, "`ApplicationName`, if `application_name` is not set"),
    /** Whether TCP keepalives are sent. */
    KEEPALIVES(null, null, Handling.APPLIED, "`tcpKeepAlive`; on, unless it is 0"),
    /** Idle seconds before the first keepalive. */
    KEEPALIVES_IDLE(null, null, Handling.APPLIED, "socket option TCP_KEEPIDLE, where the platform has it"),
    /** Seconds between keepalives. */
    KEEPALIVES_INTERVAL(null, null, Handling.APPLIED, "socket option TCP_KEEPINTERVAL, where the platform has it"),
    /** Lost keepalives that end a connection. */
    KEEPALIVES_COUNT(null, null, Handling.APPLIED, "socket option TCP_KEEPCOUNT, where the platform has it"),
    /** How long sent data may stay unacknowledged. */
    TCP_USER_TIMEOUT(null, null, Handling.IGNORED, "Java has no such socket option"),
    /** Whether and how TLS is used. */
    SSLMODE("PGSSLMODE", "prefer", Handling.APPLIED, "`sslmode`; a root certificate that exists is used in every mode"),
    /** How TLS is begun. */
    SSLNEGOTIATION("PGSSLNEGOTIATION", "postgres", Handling.APPLIED, "`sslNegotiation`"),
    /** Compression under TLS. */
    SSLCOMPRESSION("PGSSLCOMPRESSION", "0", Handling.IGNORED, "TLS compression does not exist any more"),
    /** The client's certificate. */
    SSLCERT("PGSSLCERT", null, Handling.APPLIED, "read at every attempt, PEM or DER"),
    /** The client's private key. */
    SSLKEY("PGSSLKEY", null, Handling.APPLIED, "read at every attempt, with libpq's rule on its permissions"),
    /** Whether the client's certificate is sent. */
    SSLCERTMODE(
            "PGSSLCERTMODE",
            "allow",
            Handling.APPLIED,
            "as libpq; `require` is refused, since Java does not tell whether the server asked"),
    /** The password of the private key. */
    SSLPASSWORD(null, null, Handling.APPLIED, "decrypts the private key"),
    /** The certificates of the authorities that are trusted. */
    SSLROOTCERT("PGSSLROOTCERT", null, Handling.APPLIED, "as libpq; `system` is Java's trust store"),
    /** A file of revoked certificates. */
    SSLCRL("PGSSLCRL", null, Handling.APPLIED, "the whole chain is checked against it"),
    /** A directory of revoked certificates. */
    SSLCRLDIR("PGSSLCRLDIR", null, Handling.APPLIED, "the whole chain is checked against its files"),
    /** Whether the host's name is sent in clear when TLS begins. */
    SSLSNI("PGSSLSNI", "1", Handling.APPLIED, "as libpq"),
    /** The operating system's user that the server must run as. */
    REQUIREPEER("PGREQUIREPEER", null, Handling.REFUSED, "on Unix-domain sockets: the peer's name cannot be asked for"),
    /** Authentication methods that are accepted. */
    REQUIRE_AUTH(
            "PGREQUIREAUTH",
            null,
            Handling.APPLIED,
            "`requireAuth`, from pgjdbc 42.7.11 on, else refused; `oauth` is never accepted"),
    /** The lowest protocol version. */
    MIN_PROTOCOL_VERSION("PGMINPROTOCOLVERSION", null, Handling.APPLIED, "`protocolVersion`, checked after the start"),
    /** The highest protocol version. */
    MAX_PROTOCOL_VERSION("PGMAXPROTOCOLVERSION", null, Handling.APPLIED, "`protocolVersion`"),
    /** The lowest TLS version. */
    SSL_MIN_PROTOCOL_VERSION("PGSSLMINPROTOCOLVERSION", "TLSv1.2", Handling.APPLIED, "the versions offered"),
    /** The highest TLS version. */
    SSL_MAX_PROTOCOL_VERSION("PGSSLMAXPROTOCOLVERSION", null, Handling.APPLIED, "the versions offered"),
    /** Whether GSS encryption is used. */
    GSSENCMODE("PGGSSENCMODE", "prefer", Handling.APPLIED, "`gssEncMode`; `prefer` is pgjdbc's `allow`"),
    /** The service name of Kerberos. */
    KRBSRVNAME("PGKRBSRVNAME", "postgres", Handling.APPLIED, "`kerberosServerName`"),
    /** The GSS library. */
    GSSLIB("PGGSSLIB", null, Handling.APPLIED, "`gsslib`"),
    /** Whether GSS credentials are handed to the server. */
    GSSDELEGATION("PGGSSDELEGATION", "0", Handling.REFUSED, "if it is 1: pgjdbc does not delegate"),
    /** Whether the connection is one for replication. */
    REPLICATION(null, null, Handling.APPLIED, "`replication`, with simple queries"),
    /** What kind of server will do. */
    TARGET_SESSION_ATTRS("PGTARGETSESSIONATTRS", "any", Handling.APPLIED, "asked of each server, as libpq does"),
    /** Whether the hosts are shuffled. */
    LOAD_BALANCE_HOSTS("PGLOADBALANCEHOSTS", "disable", Handling.APPLIED, "hosts and addresses are shuffled"),
    /** A SCRAM key instead of a password. */
    SCRAM_CLIENT_KEY(null, null, Handling.REFUSED, "pgjdbc knows no such keys"),
    /** The server's SCRAM key. */
    SCRAM_SERVER_KEY(null, null, Handling.REFUSED, "pgjdbc knows no such keys"),
    /** The issuer of OAuth tokens. */
    OAUTH_ISSUER(null, null, Handling.REFUSED, "pgjdbc does not speak OAuth"),
    /** The OAuth client. */
    OAUTH_CLIENT_ID(null, null, Handling.REFUSED, "pgjdbc does not speak OAuth"),
    /** The OAuth client's secret. */
    OAUTH_CLIENT_SECRET(null, null, Handling.REFUSED, "pgjdbc does not speak OAuth"),
    /** The OAuth scope. */
    OAUTH_SCOPE(null, null, Handling.REFUSED, "pgjdbc does not speak OAuth"),
    /** The authorities trusted for OAuth; new in PostgreSQL 19. */
    OAUTH_CA_FILE("PGOAUTHCAFILE", null, Handling.REFUSED, "pgjdbc does not speak OAuth (PostgreSQL 19)"),
    /** Where the keys of TLS sessions are logged. */
    SSLKEYLOGFILE(null, null, Handling.IGNORED, "Java does not give the keys away");

    /** What becomes of a keyword that is set. */
    public enum Handling {
        /** It takes effect. */
        APPLIED,
        /** It is refused with an error, since ignoring it would weaken security or reach another server. */
        REFUSED,
        /** It is ignored with one warning, since it is about speed or diagnosis only. */
        IGNORED
    }

    private static final Map<String, Keyword> BY_WORD = index();

    private final String word;
    private final @Nullable String variable;
    private final @Nullable String defaultValue;
    private final Handling handling;
    private final String effect;

    Keyword(@Nullable String variable, @Nullable String defaultValue, Handling handling, String effect) {
        this.word = name().toLowerCase(java.util.Locale.ROOT);
        this.variable = variable;
        this.defaultValue = defaultValue;
        this.handling = handling;
        this.effect = effect;
    }

    /**
     * The keyword of a word, by libpq's spelling: lower case.
     *
     * @param word the word
     * @return the keyword, if there is one
     */
    public static Optional<Keyword> of(String word) {
        return Optional.ofNullable(BY_WORD.get(word));
    }

    /**
     * The keyword as it is written in a connection string.
     *
     * @return the word
     */
    public String word() {
        return word;
    }

    /**
     * The environment variable that counts if neither the string nor the service file sets the keyword.
     *
     * @return the variable's name, if there is one
     */
    public Optional<String> variable() {
        return Optional.ofNullable(variable);
    }

    /**
     * The value if nothing sets the keyword.
     *
     * @return the default, if there is one
     */
    public Optional<String> defaultValue() {
        return Optional.ofNullable(defaultValue);
    }

    /**
     * What becomes of the keyword.
     *
     * @return the handling
     */
    public Handling handling() {
        return handling;
    }

    /**
     * How the keyword takes effect in pgjdbc, or what of it is refused, or why it is ignored.
     *
     * @return a phrase in Markdown
     */
    public String effect() {
        return effect;
    }

    /**
     * Whether the value is a secret, which is never shown.
     *
     * @return whether it is one
     */
    public boolean isSecret() {
        return switch (this) {
            case PASSWORD, SSLPASSWORD, SCRAM_CLIENT_KEY, SCRAM_SERVER_KEY, OAUTH_CLIENT_SECRET -> true;
            default -> false;
        };
    }

    /**
     * The word.
     *
     * @return the word
     */
    @Override
    public String toString() {
        return word;
    }

    private static Map<String, Keyword> index() {
        Map<String, Keyword> index = new HashMap<>();
        for (Keyword keyword : values()) {
            index.put(keyword.word, keyword);
        }
        return Collections.unmodifiableMap(index);
    }
}
