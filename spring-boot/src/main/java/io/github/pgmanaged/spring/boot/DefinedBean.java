package io.github.pgmanaged.spring.boot;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.AnnotatedBeanDefinition;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.core.type.MethodMetadata;

/**
 * What a bean will be like, while the beans are only being defined. To get it from the factory would make it too early,
 * and with it what it needs: a container would never be started then. So one is made apart, where that takes nothing
 * but what the definition itself has.
 */
final class DefinedBean {
    private DefinedBean() {}

    /** A bean, or one like it; empty if there is no telling. */
    static <T> Optional<T> look(ConfigurableListableBeanFactory beans, String name, Class<T> type) {
        try {
            Object bean = beans.getSingleton(name);
            if (bean == null && beans.containsBeanDefinition(name)) {
                bean = apart(beans.getBeanDefinition(name), beans.getBeanClassLoader());
            }
            return type.isInstance(bean) ? Optional.of(type.cast(bean)) : Optional.empty();
        } catch (Exception | LinkageError e) { // it needs more
            return Optional.empty();
        }
    }

    private static @Nullable Object apart(BeanDefinition defined, @Nullable ClassLoader loader) throws Exception {
        Supplier<?> supplier = defined instanceof AbstractBeanDefinition known ? known.getInstanceSupplier() : null;
        if (supplier != null) {
            return supplier.get();
        }
        MethodMetadata method =
                defined instanceof AnnotatedBeanDefinition annotated ? annotated.getFactoryMethodMetadata() : null;
        if (method == null) {
            return null;
        }
        Class<?> configuration = Class.forName(method.getDeclaringClassName(), true, loader);
        Method factory = configuration.getDeclaredMethod(method.getMethodName());
        factory.setAccessible(true);
        return factory.invoke(Modifier.isStatic(factory.getModifiers()) ? null : made(configuration));
    }

    private static Object made(Class<?> configuration) throws ReflectiveOperationException {
        Constructor<?> constructor = configuration.getDeclaredConstructor();
        constructor.setAccessible(true);
        return constructor.newInstance();
    }
}
