package io.github.pgmanaged;

import static io.github.pgmanaged.ManagedDatabase.insert;
import static io.github.pgmanaged.ManagedDatabase.state;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.pgmanaged.testing.Elsewhere;
import java.lang.management.ManagementFactory;
import java.sql.SQLException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import javax.management.JMX;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The manager in JMX. */
@Timeout(60)
class MXBeanTest {
    @RegisterExtension
    static final ManagedDatabase DB = new ManagedDatabase();

    private static final MBeanServer SERVER = ManagementFactory.getPlatformMBeanServer();

    private static ManagedConnection registered(String name) {
        return DB.closing(DB.builder().name(name).registerMBean(true).build());
    }

    private static ObjectName name(String name) throws Exception {
        return new ObjectName("io.github.pgmanaged:type=ManagedConnection,name=" + name);
    }

    private static ManagedConnectionMXBean bean(ObjectName name) {
        return JMX.newMXBeanProxy(SERVER, name, ManagedConnectionMXBean.class);
    }

    @Test
    void an_operator_sees_who_has_the_lease_and_who_waits_and_takes_it_away() throws Exception {
        ManagedConnection manager = registered("books");
        ManagedConnectionMXBean bean = bean(name("\"books\""));
        assertThat(bean.getStatus()).isEqualTo(TransactionStatus.CLOSED);
        assertThat(bean.getHolder()).isNull();
        assertThat(bean.getHolderStack()).isEmpty();
        assertThat(bean.getHolderMillis()).isZero();
        assertThat(bean.revoke("nobody")).isFalse();

        Lease lease = manager.acquire();
        insert(lease, "a");
        CompletableFuture<Void> waiter = Elsewhere.run(() -> manager.acquire().close());
        Awaitility.await().until(() -> bean.getWaiting() == 1 && bean.getFirstWaitMillis() > 0);
        assertThat(bean.getHolder())
                .contains(Thread.currentThread().getName())
                .contains("idle in a transaction after: INSERT INTO example");
        assertThat(bean.getHolderStack()).anyMatch(frame -> frame.contains("MXBeanTest"));
        assertThat(bean.getHolderAcquiredAt()).isEmpty();
        assertThat(bean.getHolderMillis()).isPositive();
        assertThat(bean.getHolderIdleMillis()).isPositive();
        assertThat(bean.getStatus()).isEqualTo(TransactionStatus.IN_TRANSACTION);

        assertThat(bean.revoke("by JMX")).isTrue();

        assertThat(state(lease::commit)).isEqualTo("08003");
        waiter.get();
        assertThat(bean.getLeases()).isEqualTo(2);
        assertThat(bean.getRevoked()).isEqualTo(1);
        assertThat(bean.getOpened()).isEqualTo(2);
        assertThat(bean.getWaits()).isEqualTo(1);
        assertThat(bean.getLongestWaitMillis()).isPositive().isEqualTo(bean.getTotalWaitMillis());
        assertThat(bean.getLongestHoldMillis()).isPositive();
        bean.reset();
        assertThat(manager.isOpen()).isFalse();
    }

    @Test
    void an_operator_pauses_the_manager_drains_it_and_has_it_go_on() throws Exception {
        ManagedConnection manager = registered("paused");
        ManagedConnectionMXBean bean = bean(name("\"paused\""));
        manager.acquire().close();
        assertThat(bean.isPaused()).isFalse();
        bean.pause();
        assertThat(bean.isPaused()).isTrue();
        assertThat(manager.isPaused()).isTrue();
        assertThat(bean.drain(0)).isTrue();
        assertThat(manager.isOpen()).isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> bean.drain(-1));
        bean.resume();
        manager.acquire().close();
        assertThat(SERVER.getAttribute(name("\"paused\""), "Paused")).isEqualTo(false);
    }

    @Test
    void every_attribute_can_be_read() throws Exception {
        registered("readable");
        ObjectName name = name("\"readable\"");
        for (MBeanAttributeInfo attribute : SERVER.getMBeanInfo(name).getAttributes()) {
            Object value = SERVER.getAttribute(name, attribute.getName());
            assertThat(value != null || attribute.getName().equals("Holder"))
                    .as(attribute.getName())
                    .isTrue();
        }
    }

    @Test
    void a_manager_leaves_jmx_when_it_is_closed_and_enters_it_only_if_asked() throws Exception {
        ManagedConnection manager = registered("gone");
        assertThat(SERVER.isRegistered(name("\"gone\""))).isTrue();
        manager.close();
        manager.close();
        assertThat(SERVER.isRegistered(name("\"gone\""))).isFalse();
        DB.closing(DB.builder().name("shy").build());
        assertThat(SERVER.isRegistered(name("\"shy\""))).isFalse();
    }

    @Test
    void closing_a_manager_once_more_leaves_the_next_one_of_its_name_alone() throws Exception {
        ManagedConnection first = registered("heir");
        first.close();
        registered("heir");
        first.close();
        assertThat(SERVER.isRegistered(name("\"heir\""))).isTrue();
    }

    @Test
    void two_managers_of_one_name_are_two_beans() throws Exception {
        ManagedConnection first = registered("twin");
        ManagedConnection second = registered("twin");
        first.acquire().close();
        assertThat(bean(name("\"twin\"")).getLeases()).isEqualTo(1);
        assertThat(bean(name("\"twin\",number=2")).getLeases()).isZero();
        first.close();
        assertThat(SERVER.isRegistered(name("\"twin\",number=2"))).isTrue();
        second.close();
        assertThat(SERVER.queryNames(name("\"twin\",*"), null)).isEmpty();
    }

    @Test
    void any_name_will_do() throws Exception {
        String odd = "a,b=\"c\"*?:\\\nd";
        registered(odd);
        assertThat(SERVER.isRegistered(name(ObjectName.quote(odd)))).isTrue();
    }

    @Test
    void without_a_name_it_is_the_connection_string_and_that_without_its_password() throws SQLException {
        DB.closing(ManagedConnection.builder("postgres://me:hunter2@localhost/nowhere")
                .registerMBean(true)
                .build());
        Set<ObjectName> names = SERVER.queryNames(null, null);
        assertThat(names).anyMatch(name -> name.toString().contains("name=\"postgres://me"));
        assertThat(names).noneMatch(name -> name.toString().contains("hunter2"));
    }

    @Test
    void a_bean_that_was_removed_by_somebody_else_is_no_trouble() throws Exception {
        ManagedConnection manager = registered("removed");
        SERVER.unregisterMBean(name("\"removed\""));
        manager.close();
    }
}
