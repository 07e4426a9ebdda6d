package io.github.pgmanaged.faults.listen;

import io.github.pgmanaged.NotificationListener.Reason;
import io.github.pgmanaged.faults.listen.Book.Entry;
import io.github.pgmanaged.faults.listen.Book.Heard;
import io.github.pgmanaged.faults.listen.Book.Lost;
import io.github.pgmanaged.faults.listen.Book.Ready;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Holds a {@link Book} against what was committed: each number beyond the backlog that was read was heard, in its
 * order, until a gap was told; at the end there is none, and nothing is missing.
 */
final class Check {
    private final List<Long> committed;
    private final List<String> untruths = new ArrayList<>();
    private boolean ready;
    private boolean everReady;
    private long backlog;
    private long last;

    /** Which number comes next. */
    private int next;

    Check(List<Long> committed, List<Entry> entries) {
        this.committed = committed;
        entries.forEach(this::look);
        if (!ready) {
            untruths.add("it is not ready at the end");
        } else if (next < committed.size()) {
            untruths.add("never told of " + committed.subList(next, committed.size()) + " at the end");
        }
    }

    List<String> untruths() {
        return untruths;
    }

    private void look(Entry entry) {
        if (entry instanceof Ready begins) {
            ready(begins);
        } else if (entry instanceof Heard heard) {
            heard(heard.number());
        } else if (entry instanceof Lost lost) {
            if (!ready) {
                untruths.add("told of a gap that it knew: " + lost.why());
            }
            ready = false;
        }
    }

    private void ready(Ready begins) {
        if (ready) {
            untruths.add("ready, though no gap had been told");
        }
        if ((begins.reason() == Reason.FIRST) == everReady) {
            untruths.add("ready for the reason " + begins.reason());
        }
        ready = true;
        everReady = true;
        backlog = begins.backlog();
        last = 0;
        next = after(backlog);
    }

    private int after(long number) {
        int found = Collections.binarySearch(committed, number);
        return found >= 0 ? found + 1 : -found - 1;
    }

    private void heard(long number) {
        if (!ready) {
            untruths.add("heard " + number + " in a gap");
            return;
        }
        if (number <= last) {
            untruths.add("heard " + number + " after " + last);
        }
        last = number;
        if (number <= backlog) {
            return;
        }
        int index = Collections.binarySearch(committed, number);
        if (index < 0) {
            untruths.add("heard " + number + ", which was never committed");
            return;
        }
        if (index > next) {
            untruths.add("not told of " + committed.subList(next, index) + " before " + number + ", since the backlog "
                    + backlog);
        }
        next = index + 1;
    }
}
