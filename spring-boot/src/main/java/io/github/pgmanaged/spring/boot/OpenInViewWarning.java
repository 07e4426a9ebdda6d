package io.github.pgmanaged.spring.boot;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.util.ClassUtils;

/**
 * Warns if requests keep their persistence session, and with it perhaps the one connection, until the response is
 * written.
 */
final class OpenInViewWarning implements SmartInitializingSingleton {
    private static final Logger LOG = LoggerFactory.getLogger(OpenInViewWarning.class);
    private static final String INTERCEPTOR = "org.springframework.orm.jpa.support.OpenEntityManagerInViewInterceptor";

    private final ListableBeanFactory beans;

    OpenInViewWarning(ListableBeanFactory beans) {
        this.beans = beans;
    }

    @Override
    public void afterSingletonsInstantiated() {
        ClassLoader loader = getClass().getClassLoader();
        if (ClassUtils.isPresent(INTERCEPTOR, loader)
                && beans.getBeanNamesForType(ClassUtils.resolveClassName(INTERCEPTOR, loader), true, false).length
                        > 0) {
            LOG.warn("spring.jpa.open-in-view is on: a request keeps its EntityManager until the response is written,"
                    + " and what it reads meanwhile outside a transaction takes the one connection that all requests"
                    + " share. Set spring.jpa.open-in-view=false, and load in the transaction what the view needs.");
        }
    }
}
