package io.github.pgmanaged.conninfo.internal.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.pgmanaged.testing.Elsewhere;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A thread waits for what a socket receives, beside those who read. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AwaitedInputTest {
    private static final class Plain extends AwaitedSocket {}

    private ServerSocket listening;
    private final AwaitedSocket socket = new Plain();
    private Socket server;
    private AwaitedInput input;
    private InputStream in;

    @BeforeEach
    void connect() throws IOException {
        listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        socket.connect(listening.getLocalSocketAddress());
        server = listening.accept();
        input = socket.awaited();
        in = socket.getInputStream();
    }

    @AfterEach
    void close() throws IOException {
        socket.close();
        server.close();
        listening.close();
    }

    private void say(String text) throws IOException {
        server.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private String read(int count) throws IOException {
        return new String(in.readNBytes(count), StandardCharsets.US_ASCII);
    }

    private CompletableFuture<Boolean> awaiting() {
        CompletableFuture<Boolean> awaiting = Elsewhere.call(() -> input.await(0));
        Awaitility.await().until(() -> Elsewhere.isIn(AwaitedInput.class.getName(), "await"));
        // And it is past the lock, in the socket's own read.
        Awaitility.await()
                .until(() -> Elsewhere.isIn("sun.nio.ch.NioSocketImpl", "read")
                        || Elsewhere.isIn("sun.nio.ch.NioSocketImpl", "implRead"));
        return awaiting;
    }

    @Test
    void nothing_comes_within_the_time() {
        assertThat(input.await(20)).isFalse();
        assertThat(input.hasUnread()).isFalse();
    }

    @Test
    void what_came_meanwhile_is_read_afterwards_in_its_order() throws Exception {
        CompletableFuture<Boolean> awaiting = awaiting();
        say("abc");
        assertThat(awaiting.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(input.hasUnread()).isTrue();
        say("def");
        assertThat(read(6)).isEqualTo("abcdef");
        assertThat(input.hasUnread()).isFalse();
    }

    @Test
    void a_reader_that_comes_meanwhile_is_handed_what_comes() throws Exception {
        CompletableFuture<Boolean> awaiting = awaiting();
        CompletableFuture<String> reading = Elsewhere.call(() -> read(3));
        Awaitility.await().until(() -> Elsewhere.isIn(AwaitedInput.class.getName(), "waitWhile"));
        say("abc");
        assertThat(reading.get(20, TimeUnit.SECONDS)).isEqualTo("abc");
        assertThat(awaiting.get(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void a_reader_that_comes_meanwhile_has_its_own_timeout() throws Exception {
        CompletableFuture<Boolean> awaiting = awaiting();
        socket.setSoTimeout(30);
        assertThatThrownBy(() -> read(1)).isInstanceOf(SocketTimeoutException.class);
        assertThat(awaiting).isNotDone();
        socket.setSoTimeout(20_000); // the thread that awaits has to hand it over
        say("a");
        assertThat(read(1)).isEqualTo("a");
        socket.setSoTimeout(30);
        assertThatThrownBy(() -> read(1)).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void the_time_of_awaiting_is_none_of_the_readers() throws Exception {
        assertThat(input.await(20)).isFalse();
        assertThat(socket.getSoTimeout()).isZero();
        CompletableFuture<String> reading = Elsewhere.call(() -> read(1));
        Awaitility.await().until(() -> Elsewhere.isIn("sun.nio.ch.NioSocketImpl", "implRead"));
        assertThat(input.await(50)).as("somebody reads").isFalse();
        assertThat(reading).isNotDone();
        say("a");
        assertThat(reading.get(20, TimeUnit.SECONDS)).isEqualTo("a");
    }

    @Test
    void after_others_have_read_nothing_is_awaited_until_they_have_looked_at_all_of_it() throws Exception {
        say("ab");
        assertThat(read(1)).isEqualTo("a");
        assertThat(input.wasRead()).isTrue();
        assertThat(input.await(0)).isTrue();
        assertThat(read(1)).isEqualTo("b");
        input.settled();
        assertThat(input.wasRead()).isFalse();
        assertThat(input.await(20)).isFalse();
    }

    @Test
    void the_other_sides_end_is_awaited_and_read() throws Exception {
        CompletableFuture<Boolean> awaiting = awaiting();
        server.close();
        assertThat(awaiting.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(input.hasUnread()).isTrue();
        assertThat(in.read()).isEqualTo(-1);
        assertThat(in.read()).isEqualTo(-1);
        assertThat(input.await(0)).isTrue();
    }

    @Test
    void closing_the_socket_ends_the_awaiting_and_the_reading() throws Exception {
        CompletableFuture<Boolean> awaiting = awaiting();
        CompletableFuture<String> reading = Elsewhere.call(() -> read(1));
        Awaitility.await().until(() -> Elsewhere.isIn(AwaitedInput.class.getName(), "waitWhile"));
        socket.close();
        assertThat(awaiting.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(reading)
                .failsWithin(20, TimeUnit.SECONDS)
                .withThrowableThat()
                .withCauseInstanceOf(SocketException.class);
        assertThat(input.hasUnread()).isTrue();
        in.close();
    }

    @Test
    void what_is_available_is_what_was_kept_and_what_the_socket_has() throws Exception {
        say("abc");
        Awaitility.await().until(() -> in.available() == 3);
        assertThat(input.await(0)).isTrue();
        assertThat(in.available()).isEqualTo(3);
        assertThat(read(1)).isEqualTo("a");
        assertThat(in.available()).isEqualTo(2);
    }

    @Test
    void after_its_limit_it_looks_as_if_no_more_had_come_but_not_in_the_midst_of_a_message() throws Exception {
        say("abcdef");
        Awaitility.await().until(() -> in.available() == 6);
        input.limit(3);
        assertThat(read(3)).isEqualTo("abc");
        assertThat(in.available()).isZero();
        socket.setSoTimeout(1); // so the driver looks for one more message
        assertThatThrownBy(() -> read(1)).isInstanceOf(SocketTimeoutException.class);
        socket.setSoTimeout(0);
        assertThat(read(1)).isEqualTo("d");
        input.settled();
        socket.setSoTimeout(1);
        assertThat(read(2)).isEqualTo("ef");
    }

    @Test
    void a_socket_that_is_closed_says_so() throws IOException {
        socket.close();
        assertThatThrownBy(() -> socket.setSoTimeout(1)).isInstanceOf(SocketException.class);
        assertThatThrownBy(socket::getSoTimeout).isInstanceOf(SocketException.class);
        assertThatThrownBy(socket::getInputStream).isInstanceOf(SocketException.class);
    }
}
