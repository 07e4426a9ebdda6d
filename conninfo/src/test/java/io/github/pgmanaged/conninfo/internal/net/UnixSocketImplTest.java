package io.github.pgmanaged.conninfo.internal.net;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a Unix-domain socket does as a TCP socket does, towards a peer that does what the test says. */
@DisabledOnOs(OS.WINDOWS)
@Timeout(120)
class UnixSocketImplTest {
    /** Much less than for ever, and enough for a machine that is busy. */
    private static final int SOON_SECONDS = 20;

    /** More than the system keeps for a peer that does not read. */
    private static final int MUCH = 4_000_000;

    @TempDir
    private Path directory;

    private ServerSocketChannel listening;
    private Socket socket;
    private SocketChannel peer;

    @BeforeEach
    void connect() throws IOException {
        listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        listening.bind(UnixDomainSocketAddress.of(path()));
        socket = dialled(path());
        peer = listening.accept();
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
        peer.close();
        listening.close();
    }

    private Path path() {
        return directory.resolve("socket");
    }

    /** With an owner, as the sockets of a manager are. */
    private static Socket dialled(Path path) throws IOException {
        Properties properties = new Properties();
        properties.setProperty(LibpqSocketFactory.UNIX_SOCKET, path.toString());
        return new SocketOwner().whileOpening(() -> new LibpqSocketFactory(properties).createSocket());
    }

    private void send(byte... bytes) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            peer.write(rest);
        }
    }

    @Test
    void a_read_gets_what_has_come_and_waits_for_the_first_byte_only() throws Exception {
        InputStream in = socket.getInputStream();
        send((byte) 1, (byte) 2, (byte) 3);
        byte[] bytes = new byte[10];
        assertThat(in.read(bytes, 4, 2)).isEqualTo(2);
        assertThat(bytes).containsExactly(0, 0, 0, 0, 1, 2, 0, 0, 0, 0);
        assertThat(in.read()).isEqualTo(3);
        Call<Integer> reading = Call.of(in::read);
        reading.untilIn(Readiness.class, "await");
        send((byte) 0xff);
        assertThat(reading.result()).isEqualTo(0xff);
    }

    @Test
    void what_is_available_is_there_for_the_next_read() throws Exception {
        InputStream in = socket.getInputStream();
        assertThat(in.available()).isZero();
        send((byte) 1, (byte) 2, (byte) 3);
        assertThat(in.available()).isEqualTo(3);
        assertThat(in.available()).isEqualTo(3);
        assertThat(in.read()).isEqualTo(1);
        assertThat(in.available()).isEqualTo(2);
        send((byte) 4);
        assertThat(in.readNBytes(3)).containsExactly(2, 3, 4);
        assertThat(in.available()).isZero();
        peer.close();
        assertThat(in.available()).isZero();
        assertThat(in.read()).isEqualTo(-1);
    }

    @Test
    void asking_what_is_available_does_not_wait_for_who_reads() throws Exception {
        InputStream in = socket.getInputStream();
        Call<Integer> reading = Call.of(in::read);
        reading.untilIn(Readiness.class, "await");
        assertThat(in.available()).isZero();
        send((byte) 7);
        assertThat(reading.result()).isEqualTo(7);
    }

    @Test
    void much_goes_both_ways_at_once_and_arrives_as_it_was() throws Exception {
        byte[] there = random(1);
        byte[] back = random(2);
        Call<Void> writing = Call.of(() -> {
            socket.getOutputStream().write(there);
            return null;
        });
        Call<Void> answering = Call.of(() -> {
            send(back);
            return null;
        });
        Call<byte[]> reading = Call.of(() -> received(socket.getInputStream(), back.length));
        ByteBuffer arrived = ByteBuffer.allocate(there.length);
        while (arrived.hasRemaining()) {
            peer.read(arrived);
        }
        assertThat(Arrays.equals(arrived.array(), there)).isTrue();
        assertThat(Arrays.equals(reading.result(), back)).isTrue();
        writing.result();
        answering.result();
    }

    /** In reads of all lengths, and now and then with a look at what is available. */
    private static byte[] received(InputStream in, int length) throws IOException {
        byte[] bytes = new byte[length];
        Random random = new Random(3);
        int count = 0;
        while (count < length) {
            if (random.nextInt(10) == 0) {
                assertThat(in.available()).isNotNegative();
            }
            int most = Math.min(length - count, 1 + random.nextInt(random.nextBoolean() ? 10 : 200_000));
            count += in.read(bytes, count, most);
        }
        return bytes;
    }

    private static byte[] random(int seed) {
        byte[] bytes = new byte[MUCH];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    @Test
    void a_read_ends_when_its_time_is_over_and_never_before() throws Exception {
        InputStream in = socket.getInputStream();
        for (int millis : new int[] {1, 20, 100, 1, 37}) {
            socket.setSoTimeout(millis);
            long began = System.nanoTime();
            assertThatExceptionOfType(SocketTimeoutException.class)
                    .isThrownBy(in::read)
                    .withMessage("Read timed out");
            long nanos = System.nanoTime() - began;
            assertThat(nanos).isBetween(MILLISECONDS.toNanos(millis), SECONDS.toNanos(SOON_SECONDS));
        }
        send((byte) 5);
        assertThat(in.read()).isEqualTo(5);
        socket.setSoTimeout(0);
        Call<Integer> reading = Call.of(in::read);
        reading.untilIn(Readiness.class, "await");
        send((byte) 6);
        assertThat(reading.result()).isEqualTo(6);
    }

    @Test
    void interrupts_do_not_end_a_read_nor_lengthen_it_nor_are_they_lost() throws Exception {
        InputStream in = socket.getInputStream();
        Call<Boolean> reading =
                Call.of(() -> in.read() == 9 && Thread.currentThread().isInterrupted());
        reading.untilIn(Readiness.class, "await");
        for (int i = 0; i < 20; i++) {
            reading.interrupt();
        }
        reading.untilIn(Readiness.class, "await");
        send((byte) 9);
        assertThat(reading.result()).isTrue();
        socket.setSoTimeout(200);
        Call<Boolean> inVain = Call.of(() -> {
            long began = System.nanoTime();
            assertThatThrownBy(in::read).isInstanceOf(SocketTimeoutException.class);
            assertThat(System.nanoTime() - began).isBetween(MILLISECONDS.toNanos(200), SECONDS.toNanos(SOON_SECONDS));
            return Thread.currentThread().isInterrupted();
        });
        inVain.untilIn(Readiness.class, "await");
        while (!inVain.isDone()) {
            inVain.interrupt();
        }
        assertThat(inVain.result()).isTrue();
        socket.setSoTimeout(0);
        send((byte) 10);
        assertThat(in.read()).isEqualTo(10);
    }

    @Test
    void a_write_waits_for_its_peer_without_a_timeout_and_through_interrupts() throws Exception {
        byte[] many = random(4);
        socket.setSoTimeout(20);
        Call<Boolean> writing = Call.of(() -> {
            Thread.currentThread().interrupt();
            socket.getOutputStream().write(many);
            return Thread.currentThread().isInterrupted();
        });
        writing.untilIn(Readiness.class, "await");
        assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
        writing.interrupt();
        writing.untilIn(Readiness.class, "await");
        ByteBuffer arrived = ByteBuffer.allocate(many.length);
        while (arrived.hasRemaining()) {
            peer.read(arrived);
        }
        assertThat(writing.result()).isTrue();
        assertThat(Arrays.equals(arrived.array(), many)).isTrue();
    }

    @Test
    void closing_ends_a_reader_and_a_writer_at_once() throws Exception {
        Call<Integer> reading = Call.of(() -> socket.getInputStream().read());
        Call<Void> writing = Call.of(() -> {
            socket.getOutputStream().write(new byte[MUCH]);
            return null;
        });
        reading.untilIn(Readiness.class, "await");
        writing.untilIn(Readiness.class, "await");
        socket.close();
        assertThat(reading.failure()).isInstanceOf(SocketException.class).hasMessage("Socket closed");
        assertThat(writing.failure()).isInstanceOf(SocketException.class).hasMessage("Socket closed");
    }

    @Test
    void a_closed_socket_neither_reads_nor_writes() throws Exception {
        InputStream in = socket.getInputStream();
        OutputStream out = socket.getOutputStream();
        socket.close();
        socket.close();
        assertThatExceptionOfType(SocketException.class)
                .isThrownBy(in::read)
                .withMessageMatching("Socket (is )?closed");
        assertThatExceptionOfType(SocketException.class)
                .isThrownBy(() -> out.write(1))
                .withMessage("Socket closed");
        assertThatExceptionOfType(SocketException.class).isThrownBy(in::available);
        assertThat(peer.read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }

    @Test
    void a_peer_that_closes_ends_a_read() throws Exception {
        InputStream in = socket.getInputStream();
        Call<Integer> reading = Call.of(in::read);
        reading.untilIn(Readiness.class, "await");
        peer.close();
        assertThat(reading.result()).isEqualTo(-1);
        assertThat(in.read()).isEqualTo(-1);
        assertThatExceptionOfType(SocketException.class)
                .isThrownBy(() -> socket.getOutputStream().write(1))
                .withMessage("Broken pipe");
    }

    @Test
    void what_a_peer_said_before_it_closed_is_read_first() throws Exception {
        send((byte) 1, (byte) 2);
        peer.close();
        assertThat(socket.getInputStream().readAllBytes()).containsExactly(1, 2);
    }

    @Test
    void a_peer_that_closes_without_having_read_all_resets_the_connection() throws Exception {
        socket.getOutputStream().write(1);
        peer.close();
        assertThatThrownBy(() -> socket.getInputStream().read())
                .isInstanceOf(SocketException.class)
                .isNotInstanceOf(SocketTimeoutException.class)
                .hasMessageContaining("reset");
    }

    @Test
    void a_peer_that_closes_ends_a_write() throws Exception {
        Call<Void> writing = Call.of(() -> {
            socket.getOutputStream().write(new byte[MUCH]);
            return null;
        });
        writing.untilIn(Readiness.class, "await");
        peer.close();
        assertThat(writing.failure()).isInstanceOf(SocketException.class);
    }

    @Test
    void each_direction_can_be_shut_down_alone() throws Exception {
        InputStream in = socket.getInputStream();
        socket.shutdownOutput();
        assertThat(peer.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        send((byte) 1);
        assertThat(in.read()).isEqualTo(1);
        Call<Integer> reading = Call.of(in::read);
        reading.untilIn(Readiness.class, "await");
        socket.shutdownInput();
        assertThat(reading.result()).isEqualTo(-1);
    }

    @Test
    void it_has_the_options_that_there_are() throws IOException {
        socket.setSendBufferSize(100_000);
        assertThat(socket.getSendBufferSize()).isGreaterThanOrEqualTo(100_000);
        socket.setReceiveBufferSize(50_000);
        assertThat(socket.getReceiveBufferSize()).isGreaterThanOrEqualTo(50_000);
        socket.setTcpNoDelay(true);
        socket.setKeepAlive(true);
        assertThat(socket.getTcpNoDelay()).isFalse();
        assertThat(socket.getKeepAlive()).isFalse();
    }

    /** A byte less than libpq takes. */
    @Test
    void a_path_of_106_bytes_is_dialled() throws IOException {
        int rest = 106 - directory.toString().length() - 1;
        Path longest = directory.resolve("s".repeat(rest));
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(longest));
            try (Socket dialled = dialled(longest)) {
                assertThat(dialled.isConnected()).isTrue();
            }
        }
    }

    @Test
    void a_thousand_sockets_leave_no_file_open() throws Exception {
        Path refusing = directory.resolve("refusing");
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(refusing))
                .close();
        life(20, refusing);
        long before = openFiles();
        life(1_000, refusing);
        assertThat(openFiles()).isLessThanOrEqualTo(before + 5);
    }

    /** Openings, timeouts, full buffers, refusals, closings on either side and under a reader. */
    private void life(int count, Path refusing) throws Exception {
        for (int i = 0; i < count; i++) {
            try (Socket one = dialled(path());
                    SocketChannel other = listening.accept()) {
                if (i % 100 == 0) {
                    Call<Integer> reading = Call.of(() -> one.getInputStream().read());
                    Call<Void> writing = Call.of(() -> {
                        one.getOutputStream().write(new byte[MUCH]);
                        return null;
                    });
                    reading.untilIn(Readiness.class, "await");
                    writing.untilIn(Readiness.class, "await");
                    one.close();
                    assertThat(reading.failure()).isInstanceOf(SocketException.class);
                    assertThat(writing.failure()).isInstanceOf(SocketException.class);
                } else {
                    one.setSoTimeout(1);
                    assertThatThrownBy(() -> one.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
                    other.write(ByteBuffer.wrap(new byte[] {1}));
                    one.setSoTimeout(0);
                    assertThat(one.getInputStream().read()).isEqualTo(1);
                }
            }
            assertThatThrownBy(() -> dialled(refusing)).hasMessage("Connection refused");
            assertThatThrownBy(() -> dialled(directory.resolve("none"))).hasMessage("No such file or directory");
        }
    }

    /** Elsewhere they are in the language of the machine. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void the_systems_words_for_a_full_queue_are_learnt() throws IOException {
        String words = FullQueue.Here.WORDS;
        assertThat(words).isNotEmpty();
        assertThat(FullQueue.isMeantBy(new SocketException(words))).isTrue();
        assertThat(FullQueue.isMeantBy(new SocketException("Permission denied")))
                .isFalse();
        try (SocketChannel stranger = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            SocketException missing = catchThrowableOfType(
                    SocketException.class,
                    () -> stranger.connect(UnixDomainSocketAddress.of(directory.resolve("none"))));
            assertThat(FullQueue.isMeantBy(missing)).isFalse();
        }
    }

    private static long openFiles() {
        return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getOpenFileDescriptorCount();
    }

    /** A call on a thread of its own. */
    private static final class Call<T> {
        private final FutureTask<T> task;
        private final Thread thread;
        private final CountDownLatch asked = new CountDownLatch(1);

        private Call(Callable<T> call) {
            this.task = new FutureTask<>(() -> {
                asked.countDown();
                return call.call();
            });
            this.thread = new Thread(task, "reads or writes");
            thread.setDaemon(true);
        }

        static <T> Call<T> of(Callable<T> callable) throws InterruptedException {
            Call<T> call = new Call<>(callable);
            call.thread.start();
            call.asked.await();
            return call;
        }

        /** Waits until the thread is in a method. */
        void untilIn(Class<?> type, String method) {
            await().pollInterval(java.time.Duration.ofMillis(1))
                    .until(() -> task.isDone()
                            || Arrays.stream(thread.getStackTrace())
                                    .anyMatch(frame -> frame.getClassName().equals(type.getName())
                                            && frame.getMethodName().equals(method)));
            assertThat(task).as("it has not ended by itself").isNotDone();
        }

        void interrupt() {
            thread.interrupt();
        }

        boolean isDone() {
            return task.isDone();
        }

        T result() throws Exception {
            return task.get(SOON_SECONDS, SECONDS);
        }

        Throwable failure() {
            return catchThrowableOfType(ExecutionException.class, this::result).getCause();
        }
    }
}
