package io.github.pgmanaged.faults.proxy;

import io.github.pgmanaged.faults.proxy.FaultProxy.Due;
import io.github.pgmanaged.faults.proxy.Message.Sender;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLSocket;

/**
 * One connection through the proxy.
 *
 * <p>Thread safety: safe.
 */
public final class Line {
    private static final int SSL_REQUEST = 80877103;
    private static final int GSS_REQUEST = 80877104;
    private static final int BACKEND_KEY_DATA = 'K';

    private final FaultProxy proxy;
    private final ClientSocket client;
    private final Socket server;
    private final Statements statements = new Statements();
    private final Thread fromClient = new Thread(() -> pump(Sender.CLIENT), "proxy from client");
    private final Thread fromServer = new Thread(() -> pump(Sender.SERVER), "proxy from server");
    private final CountDownLatch ended = new CountDownLatch(1);

    /** How many sides have not said yet that they have nothing more to say. */
    private final AtomicInteger speaking = new AtomicInteger(2);

    /** Held while something passes, as long as there is no trouble, and during a strike. */
    private final ReentrantLock passing = new ReentrantLock();

    private volatile Trouble trouble;

    /** Null before TLS, and without it. */
    private volatile SSLSocket tls;

    private volatile int backend;

    Line(FaultProxy proxy, ClientSocket client, Socket server) {
        this.proxy = proxy;
        this.client = client;
        this.server = server;
        fromClient.setDaemon(true);
        fromServer.setDaemon(true);
    }

    void open() {
        fromClient.start();
    }

    /** Not before the client has begun to speak, so that a strike may come between. */
    private void dial() throws IOException {
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
        server.setSendBufferSize(ClientSocket.BUFFER);
        server.connect(proxy.server());
    }

    /** The process of the server, once it has said so; else 0. */
    public int backend() {
        return backend;
    }

    boolean isInTrouble() {
        return trouble != null;
    }

    /** Strikes now. */
    void strike(Strike strike) {
        passing.lock();
        try {
            strike.on(this);
        } catch (Exception e) {
            proxy.failed(e);
            close();
        } finally {
            passing.unlock();
        }
    }

    /** From now on what the server says comes byte by byte, so far apart. */
    public void drip(Duration far) {
        suffer(Trouble.DRIP);
        client.drip(far);
    }

    // --- trouble ------------------------------------------------------------------------------------------------

    void suffer(Trouble begins) {
        trouble = begins;
        try {
            switch (begins) {
                case CUT -> close();
                case RESET -> {
                    client.setSoLinger(true, 0);
                    server.setSoLinger(true, 0);
                    close();
                }
                case HALF_CLOSE -> client.shutdownOutput();
                case DRIP -> client.drip(Trouble.APART);
                case STALL, DELAY -> {}
            }
        } catch (IOException e) {
            close(); // it has ended already
        }
    }

    /** Passes on what it may, as it may. */
    private void passInTrouble(Sender sender, byte[] bytes, int from, boolean prompt)
            throws IOException, InterruptedException {
        OutputStream out = towards(sender);
        switch (trouble) {
            case STALL -> ended.await();
            case DELAY -> {
                if (!prompt) {
                    pause(Trouble.LATE);
                }
                out.write(bytes, from, bytes.length - from);
            }
            case DRIP -> out.write(bytes, from, bytes.length - from);
            case HALF_CLOSE -> {
                if (sender == Sender.CLIENT) {
                    out.write(bytes, from, bytes.length - from);
                }
            }
            case CUT, RESET -> {}
        }
    }

    /** A line that ends does not wait. */
    private void pause(Duration time) throws InterruptedException {
        ended.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    // --- passing on ---------------------------------------------------------------------------------------------

    private void pump(Sender sender) {
        try {
            if (sender == Sender.CLIENT) {
                begin();
            }
            DataInputStream in = from(sender);
            while (true) {
                boolean prompt = isPrompt(in);
                Message message = Message.read(sender, in, true, statements);
                if (sender == Sender.SERVER && message.type() == BACKEND_KEY_DATA) {
                    backend = message.body().getInt();
                }
                pass(message, prompt);
            }
        } catch (EOFException e) {
            end(sender);
        } catch (IOException e) {
            close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
        }
    }

    /** Until the client has said what it wants, and the server hears of it. */
    private void begin() throws IOException, InterruptedException {
        while (true) {
            DataInputStream in = from(Sender.CLIENT);
            boolean prompt = isPrompt(in);
            Message message = Message.read(Sender.CLIENT, in, false, statements);
            int code = message.body().getInt();
            if (code == SSL_REQUEST && proxy.tls() != null) {
                encrypt(message, prompt);
            } else if (code == SSL_REQUEST || code == GSS_REQUEST) {
                client.getOutputStream().write('N'); // and the client begins again
            } else {
                pass(message, prompt);
                fromServer.start();
                return;
            }
        }
    }

    /** The server has no TLS, but one that is frozen does not even say so. */
    private void encrypt(Message request, boolean prompt) throws IOException, InterruptedException {
        pass(request, prompt);
        if (server.getInputStream().read() != 'N') {
            throw new IOException("The server has TLS of its own, or has gone.");
        }
        pass(Message.consenting(), true);
        SSLSocket encrypted =
                (SSLSocket) proxy.tls().getSocketFactory().createSocket(client, (InputStream) null, false);
        encrypted.startHandshake();
        tls = encrypted;
    }

    private DataInputStream from(Sender sender) throws IOException {
        Socket below = sender == Sender.CLIENT ? client : server;
        InputStream said = sender == Sender.CLIENT && tls != null ? tls.getInputStream() : below.getInputStream();
        return new DataInputStream(new BufferedInputStream(new FilterInputStream(said) {
            @Override
            public int read(byte[] bytes, int from, int count) throws IOException {
                int read = in.read(bytes, from, count);
                if (trouble == Trouble.STALL) {
                    awaitEnd(); // and reads no more
                }
                return read;
            }

            @Override
            public int available() throws IOException {
                return Math.max(in.available(), below.getInputStream().available());
            }
        }));
    }

    private void awaitEnd() throws IOException {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException();
        }
    }

    /** Whether what comes next has come together with what was before. */
    private static boolean isPrompt(InputStream in) throws IOException {
        return in.available() > 0;
    }

    private void pass(Message message, boolean prompt) throws IOException, InterruptedException {
        byte[] bytes = message.bytes();
        int passed = 0;
        passing.lock();
        try {
            Due due = proxy.due(message);
            if (due != null) {
                passed = Math.min(due.passing(), bytes.length);
                if (passed > 0) {
                    towards(message.sender()).write(bytes, 0, passed);
                }
                strike(due.strike());
            }
            if (trouble == null) {
                towards(message.sender()).write(bytes, passed, bytes.length - passed);
                return;
            }
        } finally {
            passing.unlock();
        }
        passInTrouble(message.sender(), bytes, passed, prompt);
    }

    private OutputStream towards(Sender sender) throws IOException {
        if (sender == Sender.SERVER) {
            return (tls == null ? client : tls).getOutputStream();
        }
        if (!server.isConnected()) {
            dial();
        }
        return server.getOutputStream();
    }

    // --- ending -------------------------------------------------------------------------------------------------

    /** One side has said all it had to say. The other side is told, unless nothing passes any more. */
    private void end(Sender sender) {
        try {
            if (trouble == Trouble.STALL) {
                ended.await();
            }
            if (!server.isConnected()) {
                close(); // a client that has never said anything
                return;
            }
            (sender == Sender.CLIENT ? server : client).shutdownOutput();
            if (speaking.decrementAndGet() == 0) {
                close();
            }
        } catch (IOException e) {
            close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
        }
    }

    void close() {
        ended.countDown();
        closeQuietly(client);
        closeQuietly(server);
        proxy.ended(this);
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void join() throws InterruptedException {
        fromClient.join();
        fromServer.join();
    }
}
