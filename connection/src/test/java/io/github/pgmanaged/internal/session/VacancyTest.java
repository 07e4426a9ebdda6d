package io.github.pgmanaged.internal.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.pgmanaged.ManagedDatabase;
import io.github.pgmanaged.internal.CloseReason;
import io.github.pgmanaged.internal.Events;
import io.github.pgmanaged.internal.Options;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A place is vacant when its last session is closed, and not when it is only taken out. */
@Timeout(120)
class VacancyTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private final SessionSlot slot =
            new SessionSlot(new Options(new Options.Draft("test", DB.source())), new Events() {});

    @Test
    void a_place_is_vacant_when_what_was_taken_out_is_closed_in_whatever_way() throws Exception {
        assertThat(slot.isVacant()).isTrue();
        List<Consumer<Session>> endings =
                List.of(Session::close, Session::giveBack, Session::closeInTurn, Session::cut);
        for (Consumer<Session> ending : endings) {
            long now = System.nanoTime();
            Session session = Objects.requireNonNull(
                    slot.ready(now, now, TimeUnit.SECONDS.toNanos(60), Patience.FOR_ANY_SERVER, false));
            assertThat(slot.isVacant()).isFalse();
            assertThat(slot.detach(session, CloseReason.RESET)).isTrue();
            assertThat(slot.session()).isNull();
            assertThat(slot.isVacant()).as("taken out, and open").isFalse();
            ending.accept(session);
            Awaitility.await("and its attempt has ended").until(slot::isVacant);
        }
        Awaitility.await().until(() -> DB.sessions() == 0);
    }
}
