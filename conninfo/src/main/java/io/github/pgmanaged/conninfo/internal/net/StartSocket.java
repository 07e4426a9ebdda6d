package io.github.pgmanaged.conninfo.internal.net;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketImpl;

/** A socket on which a session begins with a {@link StartPacket}. */
final class StartSocket extends Socket {
    private final StartPacket packet;

    StartSocket(StartPacket packet) {
        this.packet = packet;
    }

    StartSocket(SocketImpl system, StartPacket packet) throws SocketException {
        super(system);
        this.packet = packet;
    }

    @Override
    public OutputStream getOutputStream() throws IOException {
        return new StartStream(super.getOutputStream(), packet);
    }
}
