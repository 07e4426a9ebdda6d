package io.github.pgmanaged.conninfo.internal.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.SocketException;
import java.net.SocketImpl;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** A socket on which a session begins with a {@link StartPacket}, and a {@link StartGuard} watches. */
final class StartSocket extends AwaitedSocket {
    private final StartPacket packet;
    private final StartGuard guard;

    /** The TLS over this one. */
    private volatile @Nullable StartTlsSocket tls;

    /** Encrypts another connection as this one is. */
    private volatile StartTlsSocket.@Nullable Encryption encryption;

    private volatile @Nullable Deadline deadline;

    StartSocket(Properties properties) {
        this.packet = new StartPacket(properties);
        this.guard = new StartGuard(properties);
    }

    StartSocket(SocketImpl system, Properties properties) throws SocketException {
        super(system);
        this.packet = new StartPacket(properties);
        this.guard = new StartGuard(properties);
    }

    @Override
    public InputStream getInputStream() throws IOException {
        InputStream in = super.getInputStream();
        Deadline end = deadline;
        return guard.input(end == null ? in : end.over(in, this));
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return new StartStream(guard.output(super.getOutputStream()), packet);
    }

    /** Nothing is read after the deadline, however little comes at a time. It counts for streams that are got later. */
    void readUntil(Deadline end) {
        this.deadline = end;
    }

    /** Whether a session has begun, in clear or under TLS, or was about to under GSSAPI. */
    boolean hasBegun() {
        StartTlsSocket over = tls;
        return guard.hasBegun() || (over != null && over.hasBegun());
    }

    /** Whether what is said on it is encrypted. */
    boolean isEncrypted() {
        return guard.isEncrypted();
    }

    /** What encrypts it; null if it is not TLS that does. */
    StartTlsSocket.@Nullable Encryption encryption() {
        return encryption;
    }

    void encryptedBy(StartTlsSocket over, StartTlsSocket.Encryption encryption) {
        this.tls = over;
        this.encryption = encryption;
    }
}
