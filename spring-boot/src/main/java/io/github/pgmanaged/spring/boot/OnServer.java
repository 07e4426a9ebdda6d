package io.github.pgmanaged.spring.boot;

import org.springframework.boot.autoconfigure.condition.AnyNestedCondition;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;

/** Whether anything says where the server is. */
final class OnServer extends AnyNestedCondition {
    OnServer() {
        super(ConfigurationPhase.REGISTER_BEAN);
    }

    @ConditionalOnProperty("pgmanaged.conninfo")
    static final class ByProperty {}

    @ConditionalOnBean(PgmanagedConnectionDetails.class)
    static final class ByDetails {}
}
