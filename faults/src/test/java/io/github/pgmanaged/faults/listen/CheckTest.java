package io.github.pgmanaged.faults.listen;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.NotificationListener.Reason;
import io.github.pgmanaged.faults.listen.Book.Entry;
import io.github.pgmanaged.faults.listen.Book.Heard;
import io.github.pgmanaged.faults.listen.Book.Lost;
import io.github.pgmanaged.faults.listen.Book.Ready;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The check finds what is wrong in a book, and nothing else. */
class CheckTest {
    private static final Ready FIRST = new Ready(Reason.FIRST, 2);

    private static List<String> untruths(List<Long> committed, Entry... entries) {
        return new Check(committed, Arrays.asList(entries)).untruths();
    }

    private static Entry heard(long number) {
        return new Heard(number);
    }

    private static Entry again(long backlog) {
        return new Ready(Reason.REOPENED, backlog);
    }

    private static Entry lost() {
        return new Lost("a test");
    }

    @Test
    void all_that_follows_the_backlog_is_enough() {
        assertThat(untruths(List.of(1L, 2L, 4L, 5L), FIRST, heard(4), heard(5))).isEmpty();
    }

    @Test
    void what_is_in_the_backlog_may_be_heard_too() {
        assertThat(untruths(List.of(1L, 2L, 4L), FIRST, heard(2), heard(4))).isEmpty();
    }

    @Test
    void what_is_missing_in_a_gap_that_was_told_is_no_untruth() {
        assertThat(untruths(List.of(1L, 2L, 3L, 4L, 5L, 6L), FIRST, heard(3), lost(), again(5), heard(6)))
                .isEmpty();
    }

    @Test
    void a_number_that_is_missing_is_found() {
        assertThat(untruths(List.of(1L, 2L, 3L, 4L), FIRST, heard(4)))
                .singleElement()
                .asString()
                .contains("[3]");
        assertThat(untruths(List.of(1L, 2L, 3L), FIRST))
                .singleElement()
                .asString()
                .contains("[3]");
        assertThat(untruths(List.of(1L, 2L, 3L, 4L, 5L), FIRST, heard(4), lost(), again(5)))
                .singleElement()
                .asString()
                .contains("[3]");
        assertThat(untruths(List.of(1L, 2L, 3L, 4L, 5L), FIRST, heard(3), lost(), again(4)))
                .singleElement()
                .asString()
                .contains("[5]");
    }

    @Test
    void a_wrong_order_and_a_repetition_are_found() {
        assertThat(untruths(List.of(1L, 2L, 3L, 4L), FIRST, heard(3), heard(4), heard(3)))
                .contains("heard 3 after 4");
        assertThat(untruths(List.of(1L, 2L, 3L), FIRST, heard(3), heard(3))).containsExactly("heard 3 after 3");
    }

    @Test
    void what_was_never_committed_is_found() {
        assertThat(untruths(List.of(1L, 2L), FIRST, heard(3)))
                .singleElement()
                .asString()
                .contains("never committed");
    }

    @Test
    void a_listener_that_is_told_things_in_a_wrong_order_is_found() {
        assertThat(untruths(List.of(1L, 2L))).containsExactly("it is not ready at the end");
        assertThat(untruths(List.of(1L, 2L), FIRST, lost())).containsExactly("it is not ready at the end");
        assertThat(untruths(List.of(1L, 2L), FIRST, again(2))).hasSize(1);
        assertThat(untruths(List.of(1L, 2L), again(2))).hasSize(1);
        assertThat(untruths(List.of(1L, 2L), FIRST, lost(), lost(), again(2))).hasSize(1);
        assertThat(untruths(List.of(1L, 2L, 3L), FIRST, lost(), heard(3), again(3)))
                .containsExactly("heard 3 in a gap");
    }
}
