-- The marks that tell one generation of the public pages' content from the next.
CREATE TABLE public_mark (mark uuid PRIMARY KEY DEFAULT gen_random_uuid());
INSERT INTO public_mark DEFAULT VALUES;

-- One mark a transaction is enough, and no transaction waits for another: a mark that somebody else is taking out is
-- passed over. Nobody sees the new mark before the change itself, for both come with the same commit.
CREATE FUNCTION public_changed() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    IF current_setting('portal.public_changed', true) IS DISTINCT FROM 'yes' THEN
        DELETE FROM public.public_mark WHERE mark IN (SELECT mark FROM public.public_mark FOR UPDATE SKIP LOCKED);
        INSERT INTO public.public_mark DEFAULT VALUES;
        PERFORM set_config('portal.public_changed', 'yes', true);
    END IF;
    RETURN NULL;
END
$$;

-- Of the applications only the admitted ones show: their decision stands on the member's page.
CREATE TRIGGER public_changed_in AFTER INSERT OR UPDATE ON applications_application
    FOR EACH ROW WHEN (NEW.status = 'admitted') EXECUTE FUNCTION public_changed();
CREATE TRIGGER public_changed_out AFTER UPDATE OR DELETE ON applications_application
    FOR EACH ROW WHEN (OLD.status = 'admitted') EXECUTE FUNCTION public_changed();
CREATE TRIGGER public_changed_all AFTER TRUNCATE ON applications_application
    FOR EACH STATEMENT EXECUTE FUNCTION public_changed();
