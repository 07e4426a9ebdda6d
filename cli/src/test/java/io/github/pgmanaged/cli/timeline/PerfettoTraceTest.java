package io.github.pgmanaged.cli.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The trace, read by somebody else's Protocol Buffers, by the numbers in Perfetto's definitions. */
class PerfettoTraceTest {
    private static final long MILLI = 1_000_000;
    private static final long ORIGIN =
            Duration.between(Instant.EPOCH, Histories.ORIGIN).toNanos();

    private final List<Message> packets = new ArrayList<>();
    private final Map<Long, String> names = new HashMap<>();
    private final Map<Long, String> annotations = new HashMap<>();
    private final Map<String, Message> tracks = new HashMap<>();

    /** A message, by its fields' numbers. */
    private record Message(UnknownFieldSet fields) {
        static Message parse(ByteString bytes) {
            try {
                return new Message(UnknownFieldSet.parseFrom(bytes));
            } catch (InvalidProtocolBufferException e) {
                throw new IllegalStateException(e);
            }
        }

        boolean has(int number) {
            return fields.hasField(number);
        }

        long value(int number) {
            List<Long> values = fields.getField(number).getVarintList();
            assertThat(values).as("field " + number).hasSize(1);
            return values.get(0);
        }

        String text(int number) {
            return fields.getField(number).getLengthDelimitedList().get(0).toStringUtf8();
        }

        List<Message> messages(int number) {
            return fields.getField(number).getLengthDelimitedList().stream()
                    .map(Message::parse)
                    .toList();
        }

        Message message(int number) {
            return messages(number).get(0);
        }
    }

    @BeforeEach
    void readTheTrace() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PerfettoTrace.write(out, List.of(Histories.small(), Histories.regular(4, 100, MILLI)));
        Message trace = Message.parse(ByteString.copyFrom(out.toByteArray()));
        assertThat(trace.fields().asMap().keySet()).as("of Trace, only packet").containsExactly(1);
        packets.addAll(trace.messages(1));
        for (Message packet : packets) {
            if (packet.has(12)) { // interned_data
                packet.message(12).messages(2).forEach(name -> names.put(name.value(1), name.text(2)));
                packet.message(12).messages(3).forEach(name -> annotations.put(name.value(1), name.text(2)));
            }
            if (packet.has(60)) { // track_descriptor
                tracks.put(packet.message(60).text(2), packet.message(60));
            }
        }
    }

    @Test
    void thereIsOneSequenceWhoseFirstPacketDeclaresTheNames() {
        assertThat(packets).allSatisfy(packet -> assertThat(packet.value(10)).isEqualTo(1));
        Message first = packets.get(0);
        assertThat(first.value(13)).as("SEQ_INCREMENTAL_STATE_CLEARED").isEqualTo(1);
        assertThat(first.value(87)).as("first_packet_on_sequence").isEqualTo(1);
        assertThat(first.message(12).messages(1).get(0).text(2)).isEqualTo("pgmanaged");
        assertThat(packets.subList(1, packets.size())).allSatisfy(packet -> {
            assertThat(packet.value(13)).as("SEQ_NEEDS_INCREMENTAL_STATE").isEqualTo(2);
            assertThat(packet.has(12)).isFalse();
        });
        assertThat(names).doesNotContainKey(0L).containsValues("lease", "waiting", "forced rollback");
    }

    @Test
    void theTracesClockIsTheWallClock() {
        List<Message> clocks = packets.stream()
                .filter(packet -> packet.has(6))
                .flatMap(packet -> packet.message(6).messages(1).stream())
                .toList();
        assertThat(clocks).extracting(clock -> clock.value(1)).containsExactlyInAnyOrder(1L, 6L); // REALTIME, BOOTTIME
        assertThat(clocks).extracting(clock -> clock.value(2)).containsOnly(ORIGIN);
    }

    @Test
    void aManagerIsATrackWithItsThreadsAndItsQueueBeneath() {
        assertThat(tracks)
                .containsOnlyKeys(
                        "books",
                        "alpha",
                        "beta",
                        Histories.HOSTILE,
                        "regular",
                        "worker-0",
                        "worker-1",
                        "worker-2",
                        "worker-3",
                        "threads waiting");
        Message books = tracks.get("books");
        assertThat(books.has(5)).isFalse();
        assertThat(tracks.get("alpha").value(5)).isEqualTo(books.value(1));
        assertThat(tracks.get("worker-3").value(5))
                .isEqualTo(tracks.get("regular").value(1));
        assertThat(tracks.get("threads waiting").message(8).value(3))
                .as("UNIT_COUNT")
                .isEqualTo(2);
        assertThat(packets.stream()
                        .filter(packet -> packet.has(60))
                        .map(packet -> packet.message(60).value(1)))
                .doesNotHaveDuplicates()
                .hasSize(11);
    }

    @Test
    void leasesAndWaitsAreSlicesThatBeginAndEnd() {
        assertThat(slices("alpha")).containsExactly("lease 0-200", "waiting, in vain 600-700", "gave up waiting 700");
        assertThat(slices("beta"))
                .containsExactly(
                        "waiting 50-200",
                        "lease: released, rolled back 200-400 waited_ns=150",
                        "forced rollback 400 what=the work threw",
                        "commit unknown 950");
        assertThat(slices(Histories.HOSTILE))
                .containsExactly(
                        "waiting 250-450",
                        "lease: revoked 500-900 waited_ns=200 opening_ns=50",
                        "lease revoked 900 what=" + Histories.HOSTILE);
        assertThat(slices("books")).containsExactly("session opened 499 what=in 49.0 ms");
    }

    @Test
    void theQueueIsACounter() {
        long queue = packets.stream()
                .filter(packet -> packet.has(60) && packet.message(60).has(8))
                .findFirst()
                .orElseThrow()
                .message(60)
                .value(1);
        assertThat(events(queue).stream().map(packet -> {
                    assertThat(packet.message(11).value(9)).as("TYPE_COUNTER").isEqualTo(4);
                    return (packet.value(8) - ORIGIN) / MILLI + ": "
                            + packet.message(11).value(30);
                }))
                .containsExactly("50: 1", "200: 0", "250: 1", "450: 0", "600: 1", "700: 0");
    }

    private List<Message> events(long track) {
        return packets.stream()
                .filter(packet -> packet.has(11) && packet.message(11).value(11) == track)
                .toList();
    }

    /** What is on a track, as its end is written; times in milliseconds. */
    private List<String> slices(String track) {
        List<String> found = new ArrayList<>();
        Deque<Message> open = new ArrayDeque<>();
        List<Message> ordered = new ArrayList<>(events(tracks.get(track).value(1)));
        ordered.sort(java.util.Comparator.comparingLong(packet -> packet.value(8)));
        for (Message packet : ordered) {
            long at = (packet.value(8) - ORIGIN) / MILLI;
            switch ((int) packet.message(11).value(9)) {
                case 1 -> open.push(packet);
                case 2 -> {
                    Message begin = open.pop();
                    long from = (begin.value(8) - ORIGIN) / MILLI;
                    found.add(name(begin) + " " + from + "-" + at + notes(begin));
                }
                case 3 -> found.add(name(packet) + " " + at + notes(packet));
                default -> throw new IllegalStateException(packet.toString());
            }
        }
        assertThat(open).isEmpty();
        return found;
    }

    private String name(Message packet) {
        assertThat(packet.message(11).value(3)).as("category_iids").isEqualTo(1);
        return names.get(packet.message(11).value(10));
    }

    private String notes(Message packet) {
        StringBuilder notes = new StringBuilder();
        for (Message note : packet.message(11).messages(4)) {
            notes.append(' ')
                    .append(annotations.get(note.value(1)))
                    .append('=')
                    .append(note.has(6) ? note.text(6) : String.valueOf(note.value(3) / MILLI));
        }
        return notes.toString();
    }
}
