package io.github.pgmanaged.faults.proxy;

import io.github.pgmanaged.testing.TestCertificate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;

/**
 * Stands before a PostgreSQL server on a port of its own, passes on what is said, and strikes when told to: at once, or
 * at a chosen message. Lines that are dialled later are sound, unless a strike is repeated.
 *
 * <p>With a certificate it ends TLS: it speaks TLS to the client, and in clear to the server, so that it can read what
 * is said. The server is asked for TLS, too, and declines; a client gets its handshake only when the server has
 * answered. A line's troubles come upon the socket below TLS. Without a certificate TLS is declined in the server's
 * name; GSS encryption always is.
 *
 * <p>Thread safety: safe.
 */
public final class FaultProxy implements AutoCloseable {
    /**
     * A strike to come.
     *
     * @param repeated whether it strikes again and again
     */
    private record Plan(Moment moment, Strike strike, boolean repeated) {}

    private final ClientSocket.Listening listening;
    private final InetSocketAddress server;
    private final TestCertificate certificate;
    private final SSLContext tls;
    private final Set<Line> lines = ConcurrentHashMap.newKeySet();
    private final List<Plan> plans = new CopyOnWriteArrayList<>();
    private final AtomicReference<Exception> failure = new AtomicReference<>();
    private final Thread accepting = new Thread(this::accept, "proxy accept");

    /** Without TLS. */
    public FaultProxy(int serverPort) throws IOException {
        this(serverPort, null);
    }

    /** With TLS, before a server that has none; or without, if there is no certificate. */
    public FaultProxy(int serverPort, TestCertificate certificate) throws IOException {
        InetAddress here = InetAddress.getLoopbackAddress();
        server = new InetSocketAddress(here, serverPort);
        this.certificate = certificate;
        tls = certificate == null ? null : certificate.context();
        listening = new ClientSocket.Listening(here);
        accepting.setDaemon(true);
        accepting.start();
    }

    public int port() {
        return listening.getLocalPort();
    }

    /** A connection string that leads through it. */
    public String conninfo(String user, String database) {
        return "host=127.0.0.1 port=" + port() + " user=" + user + " dbname=" + database
                + (certificate == null ? " sslmode=disable" : " sslmode=verify-ca sslrootcert=" + certificate.file());
    }

    /** Strikes all lines that there are. */
    public void strike(Strike strike) {
        lines.forEach(line -> line.strike(strike));
    }

    /** Strikes once, the first line that comes to the moment. */
    public void strikeAt(Moment moment, Strike strike) {
        plans.add(new Plan(moment, strike, false));
    }

    /** Strikes every line that comes to the moment, until it is {@link #heal healed}. */
    public void strikeAlwaysAt(Moment moment, Strike strike) {
        plans.add(new Plan(moment, strike, true));
    }

    /** No strikes are to come, and lines in trouble end, so that both sides know. */
    public void heal() {
        plans.clear();
        lines.stream().filter(Line::isInTrouble).forEach(Line::close);
    }

    InetSocketAddress server() {
        return server;
    }

    /** What a TLS server needs; null without TLS. */
    SSLContext tls() {
        return tls;
    }

    /** How many lines there are. */
    public int lines() {
        return lines.size();
    }

    /** The plan whose moment has come, if there is one; a plan that is not repeated is taken by one line only. */
    @SuppressWarnings("ModifyCollectionInEnhancedForLoop") // the loop goes over a copy
    Due due(Message message) {
        for (Plan plan : plans) {
            if (plan.moment().message().test(message) && (plan.repeated() || plans.remove(plan))) {
                return new Due(plan.strike(), plan.moment().passing());
            }
        }
        return null;
    }

    /** A strike whose moment has come. */
    record Due(Strike strike, int passing) {}

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Line line = new Line(this, listening.accept(), new Socket());
                lines.add(line);
                line.open();
            } catch (IOException e) {
                // the proxy is closed
            }
        }
    }

    void ended(Line line) {
        lines.remove(line);
    }

    void failed(Exception strike) {
        failure.compareAndSet(null, strike);
    }

    /**
     * All lines end.
     *
     * @throws IllegalStateException if a strike has failed
     */
    @Override
    public void close() throws IOException, InterruptedException {
        listening.close();
        accepting.join();
        for (Line line : List.copyOf(lines)) {
            line.close();
            line.join();
        }
        if (failure.get() != null) {
            throw new IllegalStateException("A strike failed.", failure.get());
        }
    }
}
