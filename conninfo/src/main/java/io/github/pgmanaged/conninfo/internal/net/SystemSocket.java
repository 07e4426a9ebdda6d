package io.github.pgmanaged.conninfo.internal.net;

import java.io.IOException;
import java.net.Socket;

/** The operating system's socket beneath Java's. */
final class SystemSocket {
    private SystemSocket() {}

    /**
     * Makes it now. Java makes it when it is first needed, which may be while another thread closes the socket: then
     * the two could miss each other, and the closed socket would be dialled.
     */
    static void create(Socket socket) throws IOException {
        try {
            // The least of the calls that need it.
            int milliseconds = socket.getSoTimeout();
            assert milliseconds == 0;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
