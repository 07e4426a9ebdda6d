package io.github.pgmanaged.conninfo.internal.tls;

import io.github.pgmanaged.conninfo.internal.net.StartTlsSocket;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Properties;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.StandardConstants;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS by libpq's rules, for pgjdbc's property {@code sslfactory}. Its settings are properties of the connection, named
 * by the constants here. Files are read anew for every connection, so that renewed certificates count.
 *
 * <p>It verifies the server's chain and its name.
 *
 * <p>Where it differs from libpq:
 *
 * <ul>
 *   <li>A revocation list that is named and cannot be read is an error; libpq goes on without it. Lists are checked
 *       with {@code system} roots too. All files of a directory of lists count, whatever their names. A list of some
 *       certificates only may revoke, but does not vouch for the others.
 *   <li>Weak keys and digests are refused as at OpenSSL's security level 2, whatever the machine's is.
 *   <li>Private keys in OpenSSL's old encrypted format are refused, and encryption that the JVM does not know: AES-192,
 *       triple DES, scrypt.
 *   <li>That a server agrees on the protocol's name (ALPN) is not checked after {@code sslnegotiation=direct}.
 *   <li>What the JVM disables stays disabled, such as TLS 1.0.
 * </ul>
 *
 * <p>Thread safety: safe, as are the properties.
 */
public final class TlsSocketFactory extends SSLSocketFactory {
    /** A file of trusted certificates, or {@code system} for the JVM's own. Without it the server is not verified. */
    public static final String ROOT_CERTIFICATE = "pgmanaged.tls.rootcert";

    /** Whom the server's certificate must be for, a name or an address; without it, for anybody. */
    public static final String HOST = "pgmanaged.tls.host";

    /** The file of the client's certificate and its chain. It is left out if the file does not exist. */
    public static final String CERTIFICATE = "pgmanaged.tls.cert";

    /** The file of the client's private key. */
    public static final String KEY = "pgmanaged.tls.key";

    /** The password of the private key. */
    public static final String PASSWORD = "pgmanaged.tls.password";

    /** A file of revocation lists. */
    public static final String REVOCATION_FILE = "pgmanaged.tls.crl";

    /** A file of revocation lists that nobody named: it counts if it can be read. */
    public static final String USUAL_REVOCATION_FILE = "pgmanaged.tls.usual_crl";

    /** A directory of files of revocation lists. */
    public static final String REVOCATION_DIRECTORY = "pgmanaged.tls.crldir";

    /** The lowest TLS version. */
    public static final String MIN_VERSION = "pgmanaged.tls.min_version";

    /** The highest TLS version. */
    public static final String MAX_VERSION = "pgmanaged.tls.max_version";

    /** Whether the name of the host is sent in clear text: {@code 1} or {@code 0}. */
    public static final String SERVER_NAME_INDICATION = "pgmanaged.tls.sni";

    /** {@code disable} or {@code allow}: whether a client's certificate is sent. */
    public static final String CERTIFICATE_MODE = "pgmanaged.tls.certmode";

    private final Properties properties;

    /**
     * Made by pgjdbc. It does no work yet: what fails here would lose its message.
     *
     * @param properties the connection's properties
     */
    public TlsSocketFactory(Properties properties) {
        this.properties = properties;
    }

    @Override
    public Socket createSocket(Socket socket, @Nullable String host, int port, boolean autoClose) throws IOException {
        boolean anonymous = "disable".equals(properties.getProperty(CERTIFICATE_MODE));
        ClientIdentity identity = anonymous ? null : ClientIdentity.load(get(CERTIFICATE), get(KEY), get(PASSWORD));
        SSLContext context = context(new ClientKeyManager(identity), trust());
        SSLSocket tls = (SSLSocket) context.getSocketFactory().createSocket(socket, host, port, autoClose);
        SSLParameters parameters = tls.getSSLParameters();
        TlsVersions.between(get(MIN_VERSION), get(MAX_VERSION))
                .apply(parameters, tls.getSupportedProtocols(), versions -> canBegin(context, versions));
        parameters.setServerNames(serverNames(host));
        parameters.setApplicationProtocols(new String[] {"postgresql"});
        tls.setSSLParameters(parameters);
        StartTlsSocket encrypted = new StartTlsSocket(tls, properties);
        encrypted.remember(socket, raw -> encrypted(raw, host, port));
        return encrypted;
    }

    /** For a cancel request, whose key lets anybody end the session's statements: by the session's own rules. */
    private Socket encrypted(Socket raw, @Nullable String host, int port) throws IOException {
        SSLSocket tls = (SSLSocket) createSocket(raw, host, port, true);
        tls.setUseClientMode(true);
        tls.startHandshake();
        return tls;
    }

    private TrustManager trust() throws IOException {
        String roots = get(ROOT_CERTIFICATE);
        if (roots != null) {
            String usual = get(USUAL_REVOCATION_FILE);
            RevocationLists revoked = usual == null
                    ? RevocationLists.load(get(REVOCATION_FILE), get(REVOCATION_DIRECTORY))
                    : RevocationLists.loadUsual(usual);
            return ServerTrust.verifying(roots, revoked, get(HOST));
        }
        String mode = properties.getProperty("sslmode", "");
        if (mode.startsWith("verify-")) {
            // Whoever made the properties forgot something. That must not make it weaker.
            throw new UnusableFileException("sslmode is \"" + mode + "\", but there is no root certificate");
        }
        return new UncheckedTrustManager();
    }

    /** Empty counts as absent, as in libpq. */
    private @Nullable String get(String name) {
        String value = properties.getProperty(name);
        return value == null || value.isEmpty() ? null : value;
    }

    private static SSLContext context(ClientKeyManager keys, TrustManager trust) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {keys}, new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("could not create SSL context: " + e.getMessage(), e);
        }
    }

    /** Whether the JVM has anything to say in these versions: it disables some, and tells so only in a handshake. */
    private static boolean canBegin(SSLContext context, String[] versions) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(true);
        engine.setEnabledProtocols(versions);
        try {
            engine.beginHandshake();
            return true;
        } catch (SSLException e) {
            return false;
        }
    }

    private List<SNIServerName> serverNames(@Nullable String host) {
        // Not null: that would let the JDK choose.
        if (!properties.getProperty(SERVER_NAME_INDICATION, "1").startsWith("1")
                || host == null
                || host.isEmpty()
                || host.indexOf(':') >= 0
                || host.chars().allMatch(c -> (c >= '0' && c <= '9') || c == '.')) {
            return List.of();
        }
        // Not an SNIHostName, which refuses underscores. libpq sends what it is given.
        return List.of(new SNIServerName(StandardConstants.SNI_HOST_NAME, host.getBytes(StandardCharsets.UTF_8)) {});
    }

    @Override
    public String[] getDefaultCipherSuites() {
        return jdk().getDefaultCipherSuites();
    }

    @Override
    public String[] getSupportedCipherSuites() {
        return jdk().getSupportedCipherSuites();
    }

    private static SSLSocketFactory jdk() {
        try {
            return context(new ClientKeyManager(null), new UncheckedTrustManager())
                    .getSocketFactory();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Socket createSocket(String host, int port) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress localAddress, int localPort) {
        throw new UnsupportedOperationException();
    }
}
