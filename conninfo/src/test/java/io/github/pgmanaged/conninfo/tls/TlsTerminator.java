package io.github.pgmanaged.conninfo.tls;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;

/**
 * Stands before a real server that has no TLS, and does the TLS: with whatever certificate it is told to present, from
 * one connection to the next.
 */
final class TlsTerminator implements AutoCloseable {
    private static final int SSL_REQUEST = 80877103;
    private static final int GSS_REQUEST = 80877104;
    private static final int CANCEL_REQUEST = 80877102;

    /** How a session came here. */
    enum Transport {
        TLS,
        PLAIN
    }

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Set<Socket> clients = ConcurrentHashMap.newKeySet();
    private final ServerSocket listening;
    private final int postgres;
    private volatile SSLContext context;
    private volatile Transport last;

    private TlsTerminator(ServerSocket listening, int postgres) {
        this.listening = listening;
        this.postgres = postgres;
        threads.execute(this::accept);
    }

    static TlsTerminator before(int port) throws IOException {
        return new TlsTerminator(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), port);
    }

    int port() {
        return listening.getLocalPort();
    }

    /** What is presented from now on: the server's certificate, and what it sends along. */
    void present(Forged server, List<Forged> chain) {
        X509Certificate[] certificates = new X509Certificate[1 + chain.size()];
        certificates[0] = server.toJava();
        for (int i = 0; i < chain.size(); i++) {
            certificates[i + 1] = chain.get(i).toJava();
        }
        try {
            SSLContext made = SSLContext.getInstance("TLS");
            made.init(new KeyManager[] {new OneKey(server.keys().getPrivate(), certificates)}, null, null);
            context = made;
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How the newest session came; null if there was none since the last call. */
    Transport newest() {
        Transport transport = last;
        last = null;
        return transport;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                // A handshake is many small messages, and each would wait for an acknowledgement.
                client.setTcpNoDelay(true);
                clients.add(client);
                threads.execute(() -> serve(client));
            }
        } catch (IOException e) {
            // Closed: that is the end of it.
        }
    }

    private void serve(Socket client) {
        try (Socket plain = client) {
            Socket now = plain;
            DataInputStream in = new DataInputStream(now.getInputStream());
            while (true) {
                int length = in.readInt();
                int code = in.readInt();
                byte[] rest = in.readNBytes(length - 8);
                if (code == SSL_REQUEST) {
                    now.getOutputStream().write('S');
                    SSLSocket tls =
                            (SSLSocket) context.getSocketFactory().createSocket(plain, null, plain.getPort(), true);
                    tls.setUseClientMode(false);
                    tls.startHandshake();
                    now = tls;
                    in = new DataInputStream(now.getInputStream());
                } else if (code == GSS_REQUEST) {
                    now.getOutputStream().write('N');
                } else {
                    if (code != CANCEL_REQUEST) {
                        last = now == plain ? Transport.PLAIN : Transport.TLS;
                    }
                    byte[] start = ByteBuffer.allocate(length)
                            .putInt(length)
                            .putInt(code)
                            .put(rest)
                            .array();
                    forward(now, in, start);
                    return;
                }
            }
        } catch (IOException e) {
            // The client does not like us: it knows why.
        } finally {
            clients.remove(client);
        }
    }

    private void forward(Socket client, InputStream in, byte[] start) throws IOException {
        try (Socket server = new Socket(InetAddress.getLoopbackAddress(), postgres)) {
            server.setTcpNoDelay(true);
            server.getOutputStream().write(start);
            threads.execute(() -> {
                try (client) {
                    pump(server.getInputStream(), client.getOutputStream());
                } catch (IOException e) {
                    // The other direction ends, too.
                }
            });
            pump(in, server.getOutputStream());
        }
    }

    private static void pump(InputStream in, OutputStream out) throws IOException {
        byte[] buffer = new byte[8192];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            out.write(buffer, 0, read);
            out.flush();
        }
    }

    /** Ends with all of its threads: whoever changes C's environment then must be alone. */
    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket client : clients) {
            client.close();
        }
        threads.shutdown();
        try {
            if (!threads.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("a thread does not end");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Gives the one key for whatever is asked. */
    private static final class OneKey extends X509ExtendedKeyManager {
        private final PrivateKey key;
        private final X509Certificate[] chain;

        OneKey(PrivateKey key, X509Certificate[] chain) {
            this.key = key;
            this.chain = chain;
        }

        @Override
        public String chooseServerAlias(String keyType, Principal[] issuers, Socket socket) {
            return keyType.equals(key.getAlgorithm()) ? "server" : null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return chain.clone();
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return key;
        }

        @Override
        public String[] getClientAliases(String keyType, Principal[] issuers) {
            return null;
        }

        @Override
        public String chooseClientAlias(String[] keyType, Principal[] issuers, Socket socket) {
            return null;
        }

        @Override
        public String[] getServerAliases(String keyType, Principal[] issuers) {
            return null;
        }
    }
}
