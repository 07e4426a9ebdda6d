package io.github.pgmanaged.cli;

import io.github.pgmanaged.conninfo.Candidate;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The certificate that a server shows to whoever asks. A connection of its own asks for TLS, and ends with the
 * handshake: no user's name is sent, and no password. The certificate is not verified, since the session's was as far
 * as it must.
 */
final class ServerCertificate {
    private static final int SSL_REQUEST = 80877103;
    private static final int MILLIS = 10_000;

    private ServerCertificate() {}

    /**
     * Whom it is for, and until when; empty if it cannot be seen, or if it is not known at which of its addresses the
     * server was reached. Behind something that distributes connections it may be another server's.
     *
     * @param seenByServer the session's address, as the server says it
     */
    static Map<String, Object> of(Candidate server, String seenByServer) {
        Map<String, Object> seen = new LinkedHashMap<>();
        try (Socket plain = new Socket()) {
            String address = reached(server, seenByServer);
            if (address == null) {
                return seen;
            }
            plain.setSoTimeout(MILLIS);
            plain.connect(new InetSocketAddress(address, server.port()), MILLIS);
            DataOutputStream out = new DataOutputStream(plain.getOutputStream());
            out.writeInt(8);
            out.writeInt(SSL_REQUEST);
            if (plain.getInputStream().read() != 'S') {
                return seen;
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {new LooksOnly()}, null);
            try (SSLSocket tls =
                    (SSLSocket) context.getSocketFactory().createSocket(plain, server.host(), server.port(), true)) {
                tls.startHandshake();
                Certificate first = tls.getSession().getPeerCertificates()[0];
                if (first instanceof X509Certificate certificate) {
                    seen.put(
                            "certificate_subject",
                            certificate.getSubjectX500Principal().getName());
                    seen.put(
                            "certificate_expires",
                            certificate.getNotAfter().toInstant().toString());
                }
            }
        } catch (IOException | GeneralSecurityException e) {
            return seen;
        }
        return seen;
    }

    /** A server with one address was reached there; of several it is the one that the server itself names. */
    private static @Nullable String reached(Candidate server, String seenByServer) throws UnknownHostException {
        List<String> addresses = Addresses.of(server);
        if (addresses.size() == 1) {
            return addresses.get(0);
        }
        String seen = seenByServer.split(" port ", 2)[0];
        for (String address : addresses) {
            // Literals, which are not looked up.
            if (InetAddress.getByName(address).equals(InetAddress.getByName(seen))) {
                return address;
            }
        }
        return null;
    }

    private static final class LooksOnly implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
