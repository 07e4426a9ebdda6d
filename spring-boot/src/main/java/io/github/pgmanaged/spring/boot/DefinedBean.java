package io.github.pgmanaged.spring.boot;

import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;

/**
 * What a bean will be like, while the beans are only being defined. To get it from the factory would make it too early,
 * and with it what it needs: a container would never be started then. Nor is its method called, which may do anything,
 * and would do it a second time. That leaves what is there already, and what a supplier gives, as the details of
 * Testcontainers and Docker Compose are defined: that one is the bean then, so that it is made once.
 */
final class DefinedBean {
    private DefinedBean() {}

    /** A bean; empty if there is no telling. */
    static <T> Optional<T> look(ConfigurableListableBeanFactory beans, String name, Class<T> type) {
        try {
            Object bean = beans.getSingleton(name);
            if (bean == null
                    && beans.containsBeanDefinition(name)
                    && beans.getBeanDefinition(name) instanceof AbstractBeanDefinition defined) {
                bean = supplied(defined);
            }
            return type.isInstance(bean) ? Optional.of(type.cast(bean)) : Optional.empty();
        } catch (Exception | LinkageError e) { // it needs more
            return Optional.empty();
        }
    }

    private static @Nullable Object supplied(AbstractBeanDefinition defined) {
        Supplier<?> supplier = defined.getInstanceSupplier();
        if (supplier == null || !defined.isSingleton()) {
            return null;
        }
        Object made = supplier.get();
        if (made != null) {
            defined.setInstanceSupplier(() -> made);
        }
        return made;
    }
}
